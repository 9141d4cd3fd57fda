/* Commands: what each verb takes, what is refused and in which words (tree.md sections 3, 6). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/tree.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

struct refusal {
	const char *command;
	int err;
	const char *words; /* in err, without the newline */
};

static void assert_refused(struct world *w, const char *proto, const struct refusal *r)
{
	struct end e = end_open(w, proto);
	char words[256];

	assert_int_equal(write_text(w, e.ctl, r->command), r->err);
	snprintf(words, sizeof(words), "%s\n", r->words);
	assert_string_equal(cat(w, ALICE, end_path(&e, "err")), words);
	end_close(w, &e);
}

static void what_is_malformed_is_refused_in_words(void **state)
{
	static const struct refusal cases[] = {
		{ "connect 10.0.0.1", -EINVAL, "connect: expected ADDRESS!PORT, got \"10.0.0.1\"" },
		{ "connect", -EINVAL, "connect: expected ADDRESS!PORT, got nothing" },
		{ "connect 10.0.0.1!70000", -EINVAL,
			"connect: expected ADDRESS!PORT, got \"10.0.0.1!70000\"" },
		{ "connect 10.0.0.1!1 127.0.0.1!2 x", -EINVAL,
			"connect: expected nothing more, got \"x\"" },
		{ "connect example.com!80", -EINVAL,
			"connect: names are not available, give an address" },
		{ "announce", -EINVAL, "announce: expected [ADDRESS!]PORT, got nothing" },
		{ "announce x!y", -EINVAL, "announce: expected [ADDRESS!]PORT, got \"x!y\"" },
		{ "ttl 0", -EINVAL, "ttl: expected a number from 1 to 255, got \"0\"" },
		{ "ttl 256", -EINVAL, "ttl: expected a number from 1 to 255, got \"256\"" },
		{ "ttl many", -EINVAL, "ttl: expected a number from 1 to 255, got \"many\"" },
		{ "ttl -1", -EINVAL, "ttl: expected a number from 1 to 255, got \"-1\"" },
		{ "tos 256", -EINVAL, "tos: expected a number from 0 to 255, got \"256\"" },
		{ "rcvbuf 1", -EINVAL,
			"rcvbuf: expected a number of bytes from 4096 to 67108864, got \"1\"" },
		{ "sndbuf x", -EINVAL, "sndbuf: expected a number of bytes, got \"x\"" },
		{ "ignoreadvice maybe", -EINVAL,
			"ignoreadvice: expected on or off, got \"maybe\"" },
		{ "timeout now 1", -EINVAL,
			"timeout: expected connect, read or write, got \"now\"" },
		{ "timeout read x", -EINVAL,
			"timeout: expected seconds up to 31622400 (0: none), got \"x\"" },
		{ "keep x", -EINVAL,
			"keep: expected seconds up to 31622400, or forever, got \"x\"" },
		{ "keep 31622401", -EINVAL,
			"keep: expected seconds up to 31622400, or forever, got \"31622401\"" },
		{ "hangup now", -EINVAL, "hangup: expected nothing more, got \"now\"" },
		{ "frobnicate", -EINVAL, "frobnicate: no such verb; net(4) lists them" },
		{ "\x01\xff", -EINVAL, "??: no such verb; net(4) lists them" },
		{ "timeout read", -EINVAL,
			"timeout: expected connect, read or write, and SECONDS, got \"read\"" },
		{ "connect 0.0.0.0!80", -EINVAL,
			"connect 0.0.0.0!80: expected the address of a host" },
		{ "connect *!80", -EINVAL, "connect *!80: expected the address of a host" },
		{ "connect 127.0.0.1!0", -EINVAL,
			"connect 127.0.0.1!0: expected a port from 1 to 65535" },
		{ "connect 127.0.0.1!7 ::1!7000", -EINVAL,
			"connect 127.0.0.1!7: both addresses must be IPv4, or both IPv6" },
		{ "headers maybe", -EINVAL, "headers: expected on or off, got \"maybe\"" },
		{ "nodelay on", -EOPNOTSUPP, "nodelay: udp has no such verb" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_refused(*state, "udp", &cases[i]);
}

static void many_hosts_are_no_peer_of_a_stream(void **state)
{
	static const struct refusal group = { "connect 224.0.0.1!80", -EINVAL,
		"connect 224.0.0.1!80: the address of many; tcp speaks with one host" };
	static const struct refusal everybody = { "connect 255.255.255.255!80", -EINVAL,
		"connect 255.255.255.255!80: the address of many; tcp speaks with one host" };

	assert_refused(*state, "tcp", &group);
	assert_refused(*state, "tcp", &everybody);
}

static void assert_not_written(
	struct world *w, const char *proto, const char *command, const char *words)
{
	struct end e = end_open(w, proto);

	assert_int_equal(write_text(w, e.ctl, command), strlen(command));
	assert_int_equal(write_text(w, e.data, "hi"), -EINVAL);
	assert_string_equal(cat(w, ALICE, end_path(&e, "err")), words);
	end_close(w, &e);
}

static void a_write_that_cannot_be_meant_is_refused_in_words(void **state)
{
	assert_not_written(*state, "icmp", "connect 127.0.0.1!0",
		"write data: expected an echo request: type 8, code 0, in all 8 bytes or more\n");
	assert_not_written(*state, "udp", "headers\nannounce 5000",
		"write data: expected a prefix of 52 bytes that says to whom\n");
	assert_not_written(*state, "udp", "announce 5000",
		"write data: this one only takes calls; write to the data of a call\n");
	assert_not_written(*state, "tcp", "announce 5000",
		"write data: this one only takes calls; write to the data of a call\n");
}

static void what_cannot_be_done_is_refused_in_words(void **state)
{
	static const struct refusal cases[] = {
		{ "connect 10.1.2.3!1", -ENETUNREACH,
			"connect 10.1.2.3!1: no route to the network; iproute lists them" },
		{ "announce 10.1.2.3!5000", -EADDRNOTAVAIL,
			"announce 10.1.2.3!5000: not an address of ours; ipselftab lists them" },
		{ "bind 10.1.2.3!5000", -EADDRNOTAVAIL,
			"bind 10.1.2.3!5000: not an address of ours; ipselftab lists them" },
		{ "announce 80", -EACCES, "announce udp!80: a port below 1024 needs uid 0" },
		{ "bind 80", -EACCES, "bind udp!80: a port below 1024 needs uid 0" },
		{ "connect 255.255.255.255!9", -EACCES,
			"connect 255.255.255.255!9: everybody's address; it needs \"broadcast on\" "
			"first" },
		{ "connect 127.0.0.1!5000 127.0.0.1!80", -EACCES,
			"connect 127.0.0.1!5000: a port below 1024 needs uid 0" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_refused(*state, "udp", &cases[i]);
}

static void what_needs_the_device_is_told_that_it_is_gone(void **state)
{
	static const struct refusal cases[] = {
		{ "connect 10.1.2.3!1", -EIO, "connect 10.1.2.3!1: the device is gone" },
		{ "announce 10.1.2.3!5000", -EIO, "announce 10.1.2.3!5000: the device is gone" },
	};
	struct world *w = *state;
	struct end near;
	struct end far;

	ends_connect(w, "udp", &near, &far);
	fs_device_gone(w->fs);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_refused(w, "udp", &cases[i]);
	assert_int_equal(write_text(w, near.data, "inside"), 6);
	assert_string_equal(read_text(w, far.data), "inside");
	end_close(w, &near);
	end_close(w, &far);
}

static void a_line_that_is_too_long_or_no_text_is_refused(void **state)
{
	struct end e = end_open(*state, "udp");
	char line[600];

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	assert_int_equal(write_text(*state, e.ctl, line), -EINVAL);
	assert_string_equal(
		cat(*state, ALICE, end_path(&e, "err")), "command: a line has at most 512 bytes\n");
	assert_int_equal(outcome(ask_write(*state, ALICE, e.ctl, "ttl\0 3", 6, 0)), -EINVAL);
	end_close(*state, &e);
}

static void what_is_in_order_is_done(void **state)
{
	static const char *const commands[] = { "ttl 1", "ttl 255\n", "tos 0", "tos 255",
		"rcvbuf 4096", "sndbuf 67108864", "ignoreadvice", "ignoreadvice on",
		"ignoreadvice off", "timeout connect 1", "timeout read 0", "timeout write 5",
		"keep 1", "keep forever", "keep 0", "headers", "headers off", "broadcast on", "",
		"\n", " \t \n", "  ttl \t 3  \r\n", "bind 5000", "close" };

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		struct end e = end_open(*state, "udp");

		assert_int_equal(write_text(*state, e.ctl, commands[i]), (int)strlen(commands[i]));
		assert_string_equal(cat(*state, ALICE, end_path(&e, "err")), "");
		end_close(*state, &e);
	}
}

static void each_line_is_a_command(void **state)
{
	struct end e = end_open(*state, "udp");
	const char *lines = "ttl 7\n\nbind 127.0.0.1!5000\nconnect 127.0.0.1!9";

	assert_int_equal(write_text(*state, e.ctl, lines), (int)strlen(lines));
	assert_string_equal(cat(*state, ALICE, end_path(&e, "local")), "127.0.0.1!5000\n");
	assert_string_equal(cat(*state, ALICE, end_path(&e, "remote")), "127.0.0.1!9\n");
	end_close(*state, &e);
}

static void a_line_that_fails_ends_the_write_with_what_was_done(void **state)
{
	struct end e = end_open(*state, "udp");

	assert_int_equal(write_text(*state, e.ctl, "ttl 7\nttl 300\ntos 1"), 6);
	assert_string_equal(cat(*state, ALICE, end_path(&e, "err")),
		"ttl: expected a number from 1 to 255, got \"300\"\n");
	end_close(*state, &e);
}

static void err_is_read_as_often_as_asked(void **state)
{
	struct end e = end_open(*state, "udp");

	assert_int_equal(write_text(*state, e.ctl, "ttl x"), -EINVAL);
	for (unsigned i = 0; i < 3; i++)
		assert_string_equal(cat(*state, ALICE, end_path(&e, "err")),
			"ttl: expected a number from 1 to 255, got \"x\"\n");
	end_close(*state, &e);
}

static void a_port_in_use_names_who_has_it(void **state)
{
	struct end first = end_open(*state, "udp");
	struct end second = end_open(*state, "udp");
	char words[64];

	assert_int_equal(write_text(*state, first.ctl, "announce 5000"), 13);
	assert_int_equal(write_text(*state, second.ctl, "announce 5000"), -EADDRINUSE);
	snprintf(words, sizeof(words), "announce udp!5000: in use by conversation %llu\n",
		(unsigned long long)first.number);
	assert_string_equal(cat(*state, ALICE, end_path(&second, "err")), words);
	end_close(*state, &first);
	end_close(*state, &second);
}

static void announce_0_chooses_a_port(void **state)
{
	struct end e = end_open(*state, "udp");
	const char *local;

	assert_int_equal(write_text(*state, e.ctl, "announce 127.0.0.1!0"), 20);
	local = cat(*state, ALICE, end_path(&e, "local"));
	assert_memory_equal(local, "127.0.0.1!", 10);
	assert_true(strtoul(local + 10, NULL, 10) >= 1024);
	end_close(*state, &e);
}

static void addresses_are_unset_before_any(void **state)
{
	struct end e = end_open(*state, "udp");

	assert_string_equal(cat(*state, ALICE, end_path(&e, "local")), "::!0\n");
	assert_string_equal(cat(*state, ALICE, end_path(&e, "remote")), "::!0\n");
	end_close(*state, &e);
}

static void one_that_is_taken_is_neither_announced_nor_connected(void **state)
{
	static const char *const firsts[] = { "announce 5000", "connect 127.0.0.1!9" };
	static const char *const seconds[] = { "announce 5001", "connect 127.0.0.1!10",
		"bind 5002" };

	for (size_t i = 0; i < ARRAY_LEN(firsts); i++) {
		for (size_t k = 0; k < ARRAY_LEN(seconds); k++) {
			struct end e = end_open(*state, "udp");

			assert_true(write_text(*state, e.ctl, firsts[i]) > 0);
			assert_int_equal(write_text(*state, e.ctl, seconds[k]), -EISCONN);
			end_close(*state, &e);
		}
	}
}

static void root_may_announce_low_ports_through_a_file_of_its_own(void **state)
{
	struct world *w = *state;
	struct end e = end_open(w, "udp");
	struct asked *a;

	/* Alice's descriptor gives root's rights to nobody, and root's none to Alice. */
	assert_int_equal(outcome(ask_write(w, ROOT, e.ctl, "announce 80", 11, 0)), -EACCES);
	a = ask_open(w, ROOT, end_path(&e, "ctl"), O_RW);
	uint64_t ctl = opened(a);
	assert_int_equal(outcome(ask_write(w, ALICE, ctl, "announce 80", 11, 0)), -EACCES);
	assert_int_equal(outcome(ask_write(w, ROOT, ctl, "announce 80", 11, 0)), 11);
	close_file(w, ctl);
	end_close(w, &e);
}

/* --- what ctl says ----------------------------------------------------------------------- */

static void ctl_says_the_number_once_and_again_after_a_write(void **state)
{
	struct end e = end_open(*state, "udp");
	uint64_t ctl = open_file(*state, end_path(&e, "ctl"), O_RW);
	char number[32];

	snprintf(number, sizeof(number), "%llu\n", (unsigned long long)e.number);
	assert_string_equal(read_text(*state, ctl), number);
	assert_string_equal(read_text(*state, ctl), "");
	assert_int_equal(write_text(*state, ctl, "ttl 9"), 5);
	assert_string_equal(read_text(*state, ctl), number);
	assert_string_equal(read_text(*state, ctl), "");
	close_file(*state, ctl);
	end_close(*state, &e);
}

static void each_open_has_its_own_cursor(void **state)
{
	struct end e = end_open(*state, "udp");
	uint64_t one = open_file(*state, end_path(&e, "ctl"), O_RW);
	uint64_t other = open_file(*state, end_path(&e, "ctl"), O_RW);

	assert_string_not_equal(read_text(*state, one), "");
	assert_string_not_equal(read_text(*state, other), "");
	close_file(*state, one);
	close_file(*state, other);
	end_close(*state, &e);
}

static void the_number_is_read_byte_by_byte(void **state)
{
	struct end e = end_open(*state, "udp");
	uint64_t ctl = open_file(*state, end_path(&e, "ctl"), O_R);
	char text[32] = "";
	struct asked *a;

	for (;;) {
		a = ask_read(*state, ALICE, ctl, 1, 0);
		if (a->result == 0)
			break;
		text[strlen(text)] = (char)a->bytes[0];
		asked_free(a);
	}
	asked_free(a);
	assert_true(strtoull(text, NULL, 10) == e.number);
	close_file(*state, ctl);
	end_close(*state, &e);
}

/* --- arp, iproute ------------------------------------------------------------------------ */

static void only_root_changes_arp_and_iproute(void **state)
{
	struct world *w = *state;
	uint64_t arp;

	assert_int_equal(echo(w, ALICE, "flush", "/arp"), -EACCES);
	arp = opened(ask_open(w, ROOT, "/arp", O_W));
	assert_int_equal(outcome(ask_write(w, ALICE, arp, "flush", 5, 0)), -EPERM);
	assert_string_equal(cat(w, ALICE, "/err"), "arp: flush: only uid 0 may change it\n");
	assert_int_equal(outcome(ask_write(w, ROOT, arp, "flush", 5, 0)), 5);
	close_file(w, arp);
}

static void what_is_malformed_for_the_net_is_refused_in_words(void **state)
{
	static const struct refusal cases[] = {
		{ "/arp add 10.0.0.9 02000a0000", -EINVAL,
			"arp: add: expected a MAC address, got \"02000a0000\"" },
		{ "/arp add 10.0.0.x 02000a000009", -EINVAL,
			"arp: add: expected an address, got \"10.0.0.x\"" },
		{ "/arp add 10.0.0.9 02:00:0A:00:00:09", -ENODEV, "arp: add: there is no device" },
		{ "/arp add ether 10.0.0.9 02000a0000090", -EINVAL,
			"arp: add: expected a MAC address, got \"02000a0000090\"" },
		{ "/iproute add 10.0.0.0 /8 10.0.0.1", -ENETUNREACH,
			"iproute: add: the gateway is on no link of ours; ipselftab lists our "
			"addresses" },
		{ "/iproute add 10.0.0.0/8 10.0.0.1 x", -EINVAL,
			"iproute: add: expected an interface: its number, or our address there, "
			"got \"x\"" },
		{ "/iproute del 10.0.0.0", -EINVAL,
			"iproute: del: expected ADDRESS /BITS, got \"10.0.0.0\"" },
		{ "/arp del", -EINVAL, "arp: del: expected ADDRESS, got nothing" },
		{ "/arp burn", -EINVAL, "arp: burn: no such verb; there are add, del and flush" },
		{ "/arp del 10.0.0.9", -ENOENT, "arp: del: no such thing" },
		{ "/iproute add 10.0.0.0/40 10.0.0.1", -EINVAL,
			"iproute: add: expected ADDRESS/BITS, got \"10.0.0.0/40\"" },
		{ "/iproute add 10.0.0.0 /50 10.0.0.1", -EINVAL,
			"iproute: add: expected a mask as /BITS, got \"/50\"" },
		{ "/iproute del 10.0.0.0/8", -ENOENT, "iproute: del: no such thing" },
		{ "/iproute add 10.0.0.0/8 10.0.0.1", -ENETUNREACH,
			"iproute: add: the gateway is on no link of ours; ipselftab lists our "
			"addresses" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char path[16];
		char words[128];
		const char *blank = strchr(cases[i].command, ' ');

		snprintf(path, sizeof(path), "%.*s", (int)(blank - cases[i].command),
			cases[i].command);
		assert_int_equal(echo(*state, ROOT, blank + 1, path), cases[i].err);
		snprintf(words, sizeof(words), "%s\n", cases[i].words);
		assert_string_equal(cat(*state, ROOT, "/err"), words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_malformed_is_refused_in_words),
		CASE(many_hosts_are_no_peer_of_a_stream),
		CASE(a_write_that_cannot_be_meant_is_refused_in_words),
		CASE(what_cannot_be_done_is_refused_in_words),
		CASE(what_needs_the_device_is_told_that_it_is_gone),
		CASE(a_line_that_is_too_long_or_no_text_is_refused),
		CASE(what_is_in_order_is_done),
		CASE(each_line_is_a_command),
		CASE(a_line_that_fails_ends_the_write_with_what_was_done),
		CASE(err_is_read_as_often_as_asked),
		CASE(a_port_in_use_names_who_has_it),
		CASE(announce_0_chooses_a_port),
		CASE(addresses_are_unset_before_any),
		CASE(one_that_is_taken_is_neither_announced_nor_connected),
		CASE(root_may_announce_low_ports_through_a_file_of_its_own),
		CASE(ctl_says_the_number_once_and_again_after_a_write),
		CASE(each_open_has_its_own_cursor),
		CASE(the_number_is_read_byte_by_byte),
		CASE(only_root_changes_arp_and_iproute),
		CASE(what_is_malformed_for_the_net_is_refused_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
