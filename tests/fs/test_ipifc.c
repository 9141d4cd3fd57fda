/* ipifc: the interfaces as files (tree.md section 1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <jansson.h>

#include "../lib/box_link.h"
#include "../lib/cable.h"
#include "../lib/frame.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, cable_setup, cable_teardown)

/* --- walking ----------------------------------------------------------------------------- */

static void the_device_is_0_and_lo_is_1(void **state)
{
	assert_non_null(strstr(ls(*state, "/"), " ipifc"));
	assert_string_equal(ls(*state, "/ipifc"), "clone stats 0 1");
	assert_memory_equal(cat(*state, BOB, "/ipifc/0/status"), "device tap7 ", 12);
	assert_memory_equal(cat(*state, BOB, "/ipifc/1/status"), "device lo ", 10);
}

static void an_interface_lists_its_files(void **state)
{
	assert_string_equal(ls(*state, "/ipifc/0"), "ctl local status stats");
	assert_string_equal(ls(*state, "/ipifc/1"), "ctl local status stats");
}

struct mode_case {
	const char *file;
	uint32_t mode;
};

static void files_of_interfaces_are_root_s_with_the_modes_of_the_contract(void **state)
{
	static const struct mode_case cases[] = {
		{ "/ipifc", S_IFDIR | 0555 },
		{ "/ipifc/clone", S_IFREG | 0600 },
		{ "/ipifc/stats", S_IFREG | 0444 },
		{ "/ipifc/0", S_IFDIR | 0555 },
		{ "/ipifc/0/ctl", S_IFREG | 0664 },
		{ "/ipifc/0/local", S_IFREG | 0444 },
		{ "/ipifc/0/status", S_IFREG | 0444 },
		{ "/ipifc/0/stats", S_IFREG | 0444 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fs_attr attr;

		assert_int_equal(walk(*state, ALICE, cases[i].file, &attr), 0);
		assert_int_equal(attr.mode, cases[i].mode);
		assert_int_equal(attr.uid, 0);
		assert_int_equal(attr.gid, 0);
	}
}

static void interfaces_that_are_not_there_are_enoent(void **state)
{
	static const char *const paths[] = { "/ipifc/2", "/ipifc/00", "/ipifc/01", "/ipifc/-1",
		"/ipifc/x", "/ipifc/99999999999999999999", "/ipifc/0/data" };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct fs_attr attr;

		if (walk(*state, ALICE, paths[i], &attr) != -ENOENT)
			print_error("%s\n", paths[i]);
		assert_int_equal(walk(*state, ALICE, paths[i], &attr), -ENOENT);
	}
}

static void nothing_is_made_or_ended_among_interfaces(void **state)
{
	assert_int_equal(make_dir(*state, ROOT, "/ipifc/web"), -EPERM);
	assert_int_equal(make_dir(*state, ROOT, "/ipifc/0/web"), -EPERM);
	assert_int_equal(remove_dir(*state, ROOT, "/ipifc/0"), -EPERM);
	assert_int_equal(make_dir(*state, ALICE, "/tcp/ipifc"), -EEXIST);
}

static void a_file_of_an_interface_has_one_node_and_an_ino_of_its_own(void **state)
{
	struct fs_attr one;
	struct fs_attr again;
	struct fs_attr other;

	assert_int_equal(walk(*state, ALICE, "/ipifc/0/status", &one), 0);
	assert_int_equal(walk(*state, ALICE, "/ipifc/0/status", &again), 0);
	assert_int_equal(walk(*state, ALICE, "/ipifc/1/status", &other), 0);
	assert_true(one.node == again.node);
	assert_true(one.node != other.node);
	assert_true(one.ino != other.ino);
}

static void an_interface_whose_device_is_gone_is_no_longer_there(void **state)
{
	struct fs_attr attr;
	struct fs_attr gone;

	assert_int_equal(walk(*state, ALICE, "/ipifc/0/status", &attr), 0);
	stack_detach(cable.world.stack, cable.ifc);
	fs_device_gone(cable.world.fs);
	assert_string_equal(ls(*state, "/ipifc"), "clone stats 1");
	assert_int_equal(walk(*state, ALICE, "/ipifc/0", &gone), -ENOENT);
	assert_int_equal(fs_getattr(cable.world.fs, attr.node, &gone), -ESTALE);
}

/* --- what they tell ---------------------------------------------------------------------- */

static void status_has_the_columns_of_ip_3_and_the_state(void **state)
{
	cable_give(0x0a000002, 24);
	assert_string_equal(cat(*state, BOB, "/ipifc/0/status"),
		"device tap7 maxtu 1500 sendra 0 recvra 0 mflag 0 oflag 0 maxraint 0 minraint 0 "
		"linkmtu 0 reachtime 0 rxmitra 0 ttl 64 routerlt 0 pktin 0 pktout 1 errin 0 "
		"errout 0 speed 0 delay 0\n"
		"\t10.0.0.2                                 /120       "
		"10.0.0.0                                 4294967295   4294967295   used\n");
}

static void an_address_that_is_being_probed_has_no_lifetime_yet(void **state)
{
	struct addr a = addr_from_v4(0x0a000003);

	assert_int_equal(net_addr_add(cable.world.stack, cable.ifc, &a, 120, 0), 0);
	assert_non_null(strstr(cat(*state, BOB, "/ipifc/0/status"),
		"\t10.0.0.3                                 /120       "
		"10.0.0.0                                 0            0            probing\n"));
	assert_string_equal(cat(*state, BOB, "/ipifc/0/local"), "");
}

static void local_tells_what_is_heard_for_each_address(void **state)
{
	cable_give(0x0a000002, 24);
	cable_give(0x0a010001, 32);
	assert_string_equal(cat(*state, BOB, "/ipifc/0/local"),
		"10.0.0.2                                 -> 10.0.0.2 10.0.0.255 255.255.255.255 "
		"224.0.0.1\n"
		"10.1.0.1                                 -> 10.1.0.1\n");
	assert_string_equal(cat(*state, BOB, "/ipifc/1/local"),
		"127.0.0.1                                -> 127.0.0.1\n");
}

static json_t *json_of(struct world *w, const char *path)
{
	json_t *j = json_loads(cat(w, BOB, path), 0, NULL);

	assert_true(json_is_object(j));
	assert_int_equal(json_integer_value(json_object_get(j, "schema")), 1);
	return j;
}

static void stats_of_an_interface_are_json_with_its_counters(void **state)
{
	static const char *const numbers[] = { "number", "mtu_bytes", "frames_in", "frames_out",
		"bytes_in", "bytes_out", "errors_in", "errors_out", "queued_frames" };
	static const char *const files[] = { "/ipifc/0/stats", "/ipifc/1/stats" };

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		json_t *j = json_of(*state, files[i]);

		for (size_t k = 0; k < ARRAY_LEN(numbers); k++)
			assert_true(json_is_integer(json_object_get(j, numbers[k])));
		assert_int_equal(json_integer_value(json_object_get(j, "number")), i);
		json_decref(j);
	}
}

static void what_goes_over_lo_is_counted_there(void **state)
{
	struct end near;
	struct end far;
	json_t *j;

	ends_connect(*state, "tcp", &near, &far);
	j = json_of(*state, "/ipifc/1/stats");
	assert_true(json_integer_value(json_object_get(j, "frames_out")) > 0);
	assert_int_equal(json_integer_value(json_object_get(j, "frames_in")),
		json_integer_value(json_object_get(j, "frames_out")));
	json_decref(j);
	end_close(*state, &near);
	end_close(*state, &far);
}

static void stats_of_all_have_each_interface_and_what_ip_counted(void **state)
{
	json_t *j = json_of(*state, "/ipifc/stats");

	assert_int_equal(json_array_size(json_object_get(j, "interfaces")), 2);
	assert_true(json_is_integer(json_object_get(j, "ip4_in")));
	assert_true(json_is_integer(json_object_get(j, "arp_requests_out")));
	json_decref(j);
}

/* --- ctl --------------------------------------------------------------------------------- */

static void ctl_says_the_number_once_and_again_after_a_command(void **state)
{
	uint64_t ctl = opened(ask_open(*state, ROOT, "/ipifc/0/ctl", O_RW));

	assert_string_equal(read_text(*state, ctl), "0\n");
	assert_string_equal(read_text(*state, ctl), "");
	assert_int_equal(outcome(ask_write(*state, ROOT, ctl, "mtu 1400", 8, 0)), 8);
	assert_string_equal(read_text(*state, ctl), "0\n");
	close_file(*state, ctl);
	assert_string_equal(cat(*state, ALICE, "/ipifc/1/ctl"), "1\n");
}

static void only_root_changes_an_interface(void **state)
{
	uint64_t ctl;

	assert_int_equal(echo(*state, ALICE, "mtu 1400", "/ipifc/0/ctl"), -EACCES);
	ctl = opened(ask_open(*state, ROOT, "/ipifc/0/ctl", O_W));
	assert_int_equal(outcome(ask_write(*state, ALICE, ctl, "mtu 1400", 8, 0)), -EPERM);
	assert_string_equal(cat(*state, ALICE, "/err"), "ipifc/0: mtu: only uid 0 may change it\n");
	close_file(*state, ctl);
}

static int order(struct world *w, const char *command)
{
	ssize_t n = echo(w, ROOT, command, "/ipifc/0/ctl");

	return n < 0 ? (int)n : 0;
}

static bool status_has(struct world *w, const char *words)
{
	const char *text = cat(w, BOB, "/ipifc/0/status");
	bool has = strstr(text, words) != NULL;

	if (!has)
		print_error("no %s in %s\n", words, text);
	return has;
}

static void an_address_is_probed_and_then_used(void **state)
{
	assert_int_equal(order(*state, "add 10.0.0.5 255.255.255.0"), 0);
	assert_true(status_has(*state, "/120       10.0.0.0"));
	assert_true(status_has(*state, " probing\n"));
	world_sleep(*state, 10 * USEC_PER_SEC);
	assert_true(status_has(*state, " used\n"));
	assert_true(cable.sent >= 4); /* three probes, and then it is announced */
}

/* RFC 5227 2.1.1: another station answers the probe. */
static void another_station_says_that_it_has_10_0_0_5(void)
{
	static uint8_t bytes[FRAME_MAX];
	struct frame f;

	frame_init(&f, FRAME_ARP);
	memcpy(f.eth_dst, cable.link.mac, 6);
	memcpy(f.eth_src, "\x02\0\0\0\0\x09", 6);
	f.arp.op = 2;
	memcpy(f.arp.sender_mac, f.eth_src, 6);
	f.arp.sender = 0x0a000005;
	stack_input(cable.world.stack, cable.ifc,
		box_link_receive(cable.world.stack, bytes, frame_build(&f, bytes)),
		cable.world.now_us);
}

static void an_address_that_another_has_is_not_used_and_status_says_so(void **state)
{
	assert_int_equal(order(*state, "add 10.0.0.5 /24"), 0);
	world_sleep(*state, 2 * USEC_PER_SEC);
	another_station_says_that_it_has_10_0_0_5();
	world_sleep(*state, 10 * USEC_PER_SEC);
	assert_true(status_has(*state, " 0            0            conflict\n"));
	assert_string_equal(cat(*state, BOB, "/ipifc/0/local"), "");
	/* It can be tried again, once it is taken away. */
	assert_int_equal(order(*state, "remove 10.0.0.5"), 0);
	assert_int_equal(order(*state, "add 10.0.0.5 /24"), 0);
	world_sleep(*state, 10 * USEC_PER_SEC);
	assert_true(status_has(*state, " used\n"));
}

static void a_tree_that_does_not_probe_adds_without(void **state)
{
	struct fs_config config = world_config();

	world_down(*state);
	config.addr_unprobed = true;
	world_up_with(&cable.world, &config);
	cable_plug_in();
	assert_int_equal(order(*state, "add 10.0.0.5 /24"), 0);
	assert_true(status_has(*state, " used\n"));
}

static void an_address_s_mask_is_given_in_any_form_or_by_its_class(void **state)
{
	static const struct {
		const char *command;
		const char *columns;
	} cases[] = {
		{ "add 10.1.2.3", "10.1.2.3                                 /104       10.0.0.0 " },
		{ "add 172.16.2.3", "/112       172.16.0.0 " },
		{ "add 192.168.2.3", "/120       192.168.2.0 " },
		{ "add 10.2.2.3 /20", "/116       10.2.0.0 " },
		{ "add 10.3.2.3 /116", "/116       10.3.0.0 " },
		{ "add 10.4.2.3/20", "/116       10.4.0.0 " },
		{ "try 10.5.2.3 255.255.240.0", "/116       10.5.0.0 " },
		{ "add 10.6.2.3 255.255.255.255", "/128       10.6.2.3 " },
		{ "add 10.7.2.3 /24 10.7.2.0", "/120       10.7.2.0 " },
		{ "add 10.8.2.3 /24 10.8.2.0 1400", "maxtu 1400 " },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(order(*state, cases[i].command), 0);
		assert_true(status_has(*state, cases[i].columns));
	}
}

static void what_is_there_already_need_not_be_added_again(void **state)
{
	assert_int_equal(order(*state, "add 10.0.0.5 /24"), 0);
	assert_int_equal(order(*state, "add 10.0.0.5 /24"), 0);
	assert_int_equal(order(*state, "add 10.0.0.5 /16"), -EEXIST);
}

static void an_address_is_removed_with_or_without_its_mask(void **state)
{
	cable_give(0x0a000002, 24);
	cable_give(0x0a000003, 24);
	cable_give(0x0a000004, 24);
	assert_int_equal(order(*state, "remove 10.0.0.2 /16"), -EADDRNOTAVAIL);
	assert_int_equal(order(*state, "remove 10.0.0.2/16"), -EADDRNOTAVAIL);
	assert_int_equal(order(*state, "remove 10.0.0.2 /24"), 0);
	assert_int_equal(order(*state, "del 10.0.0.3"), 0);
	assert_int_equal(order(*state, "del 10.0.0.4/24"), 0);
	assert_string_equal(cat(*state, BOB, "/ipifc/0/local"), "");
}

static void what_is_malformed_for_an_interface_is_refused_in_words(void **state)
{
	static const struct {
		const char *command;
		int err;
		const char *words;
	} cases[] = {
		{ "burn", -EINVAL,
			"burn: no such verb; there are add, addmulti, bind, del, mtu, "
			"remmulti, remove, try and unbind" },
		{ "bind ether tap1", -EBUSY,
			"bind: it has a device; another is bound through clone" },
		{ "bind pkt x", -EINVAL, "bind: expected ether, got \"pkt\"" },
		{ "unbind", -EBUSY,
			"unbind: it is the server's own device, and goes with the server" },
		{ "add", -EINVAL, "add: expected ADDRESS [MASK [REMOTE [MTU]]], got nothing" },
		{ "add x", -EINVAL, "add: expected ADDRESS /BITS, got \"x\"" },
		{ "add 10.0.0.2 /40", -EINVAL, "add: expected a mask as /BITS, got \"/40\"" },
		{ "add 10.0.0.2 255.0.255.0", -EINVAL,
			"add: expected a mask as /BITS, got \"255.0.255.0\"" },
		{ "add 10.0.0.0 /24", -EINVAL,
			"add: not an address that a host can have on a link" },
		{ "add 127.0.0.2 /8", -EINVAL,
			"add: not an address that a host can have on a link" },
		{ "add 10.9.255.255 /8", -EADDRINUSE,
			"add: everybody's address, in its network or in another of ours" },
		{ "add 2001:db8::1 /64", -EAFNOSUPPORT,
			"add: IPv6 is not spoken yet, give an IPv4 address" },
		{ "add 10.0.0.2 /24 10.1.0.0", -EINVAL,
			"add: a remote outside of the network; there are no point-to-point links" },
		{ "add 10.0.0.2 /24 10.0.0.0 99", -EINVAL,
			"add: expected a number from 576 to the device's 1500, got \"99\"" },
		{ "add 10.0.0.2/24 10.0.0.0 1500 proxy", -EINVAL,
			"add: expected nothing more, got \"proxy\"" },
		{ "mtu 1501", -EINVAL,
			"mtu: expected a number from 576 to the device's 1500, got \"1501\"" },
		{ "mtu 70000", -EINVAL,
			"mtu: expected a number from 576 to the device's 1500, got \"70000\"" },
		{ "mtu", -EINVAL, "mtu: expected a number of bytes, got nothing" },
		{ "remove 10.0.0.9", -EADDRNOTAVAIL,
			"remove: no address of this interface; status lists them" },
		{ "remove 10.9.0.2 /24", -EADDRNOTAVAIL, "remove: its mask is /112" },
	};

	cable_give(0x0a090002, 16);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char words[160];

		assert_int_equal(order(*state, cases[i].command), cases[i].err);
		snprintf(words, sizeof(words), "ipifc/0: %s\n", cases[i].words);
		assert_string_equal(cat(*state, ROOT, "/err"), words);
	}
}

static void lo_is_as_it_is(void **state)
{
	assert_int_equal(echo(*state, ROOT, "mtu 1400", "/ipifc/1/ctl"), -EOPNOTSUPP);
	assert_string_equal(cat(*state, ROOT, "/err"),
		"ipifc/1: mtu: lo is as it is: 127.0.0.0/8, for what stays inside\n");
}

static void an_open_ctl_of_a_device_that_is_gone_says_so(void **state)
{
	uint64_t ctl = opened(ask_open(*state, ROOT, "/ipifc/0/ctl", O_RW));

	stack_detach(cable.world.stack, cable.ifc);
	fs_device_gone(cable.world.fs);
	assert_int_equal(outcome(ask_write(*state, ROOT, ctl, "mtu 1400", 8, 0)), -EIO);
	close_file(*state, ctl);
}

/* --- further devices ---------------------------------------------------------------------- */

static void clone_is_the_ctl_of_a_further_interface(void **state)
{
	uint64_t ctl = opened(ask_open(*state, ROOT, "/ipifc/clone", O_RW));
	static const char command[] = "bind ether tap8\nadd 10.1.0.2 /24";

	assert_string_equal(read_text(*state, ctl), "2\n");
	assert_string_equal(ls(*state, "/ipifc"), "clone stats 0 1");
	assert_int_equal(outcome(ask_write(*state, ROOT, ctl, command, strlen(command), 0)),
		strlen(command));
	assert_string_equal(ls(*state, "/ipifc"), "clone stats 0 1 2");
	assert_memory_equal(cat(*state, BOB, "/ipifc/2/status"), "device tap8 maxtu 1500 ", 23);
	/* It stays when the file is closed. */
	close_file(*state, ctl);
	world_sleep(*state, 10 * USEC_PER_SEC);
	assert_non_null(strstr(cat(*state, BOB, "/ipifc/2/local"), "10.1.0.2"));
	assert_non_null(strstr(cat(*state, BOB, "/iproute"), "10.1.0.0        4i   ifc    2"));
}

static void a_number_belongs_to_the_open_clone_alone(void **state)
{
	uint64_t one = opened(ask_open(*state, ROOT, "/ipifc/clone", O_RW));
	uint64_t two = opened(ask_open(*state, ROOT, "/ipifc/clone", O_RW));

	assert_string_equal(read_text(*state, one), "2\n");
	assert_string_equal(read_text(*state, two), "3\n");
	close_file(*state, one);
	one = opened(ask_open(*state, ROOT, "/ipifc/clone", O_RW));
	assert_string_equal(read_text(*state, one), "2\n");
	close_file(*state, one);
	close_file(*state, two);
}

static void numbers_are_bounded(void **state)
{
	uint64_t ctl[15];

	for (unsigned i = 0; i < ARRAY_LEN(ctl); i++)
		ctl[i] = opened(ask_open(*state, ROOT, "/ipifc/clone", O_RW));
	assert_int_equal(open_error(*state, ROOT, "/ipifc/clone", O_RW), -EMFILE);
	assert_string_equal(cat(*state, ROOT, "/err"),
		"ipifc/clone: there are as many interfaces as there can be\n");
	for (unsigned i = 0; i < ARRAY_LEN(ctl); i++)
		close_file(*state, ctl[i]);
	assert_int_equal(open_error(*state, ROOT, "/ipifc/clone", O_RW), 0);
	assert_int_equal(open_error(*state, ALICE, "/ipifc/clone", O_RW), -EACCES);
	assert_int_equal(open_error(*state, ALICE, "/ipifc/clone", O_R), -EACCES);
}

static void without_a_device_there_is_nothing_to_set(void **state)
{
	uint64_t ctl = opened(ask_open(*state, ROOT, "/ipifc/clone", O_RW));

	assert_int_equal(outcome(ask_write(*state, ROOT, ctl, "mtu 1400", 8, 0)), -ENODEV);
	assert_string_equal(
		cat(*state, ROOT, "/err"), "ipifc/2: mtu: it has no device yet: bind ether NAME\n");
	assert_int_equal(outcome(ask_write(*state, ROOT, ctl, "bind ether none", 15, 0)), -ENODEV);
	assert_string_equal(
		cat(*state, ROOT, "/err"), "ipifc/2: bind: none: there is no such device\n");
	/* And the number is still kept for another try. */
	assert_int_equal(outcome(ask_write(*state, ROOT, ctl, "bind ether tap8", 15, 0)), 15);
	assert_int_equal(outcome(ask_write(*state, ROOT, ctl, "bind ether tap9", 15, 0)), -EBUSY);
	close_file(*state, ctl);
}

static void unbind_ends_what_went_by_the_device_and_nothing_else(void **state)
{
	struct end here = end_open(*state, "tcp");
	struct end there = end_open(*state, "tcp");

	cable_give(0x0a000002, 24);
	assert_int_equal(echo(*state, ROOT, "bind ether tap8", "/ipifc/clone"), 15);
	assert_true(echo(*state, ROOT, "add 10.1.0.2 /24", "/ipifc/2/ctl") > 0);
	world_sleep(*state, 10 * USEC_PER_SEC);
	assert_true(write_text(*state, here.ctl, "announce 10.0.0.2!8080") > 0);
	assert_true(write_text(*state, there.ctl, "announce 10.1.0.2!8080") > 0);
	assert_true(echo(*state, ROOT, "unbind", "/ipifc/2/ctl") > 0);
	assert_string_equal(ls(*state, "/ipifc"), "clone stats 0 1");
	assert_memory_equal(cat(*state, ALICE, end_path(&here, "status")), "Listen", 6);
	assert_memory_equal(cat(*state, ALICE, end_path(&there, "status")), "Closed", 6);
	end_close(*state, &here);
	end_close(*state, &there);
	/* A device that is left is reached as before. */
	assert_int_equal(echo(*state, ROOT, "add 10.0.0.9 02000a000009", "/arp"), 25);
	/* And the number is free again. */
	assert_int_equal(echo(*state, ROOT, "bind ether tap9", "/ipifc/clone"), 15);
	assert_memory_equal(cat(*state, BOB, "/ipifc/2/status"), "device tap9 ", 12);
}

/* A file that was clone and bound a device must not give the number away twice. */
static void a_clone_that_has_bound_gives_nothing_back(void **state)
{
	uint64_t ctl = opened(ask_open(*state, ROOT, "/ipifc/clone", O_RW));
	uint64_t next;

	assert_int_equal(outcome(ask_write(*state, ROOT, ctl, "bind ether tap8", 15, 0)), 15);
	assert_true(echo(*state, ROOT, "unbind", "/ipifc/2/ctl") > 0);
	next = opened(ask_open(*state, ROOT, "/ipifc/clone", O_RW));
	close_file(*state, ctl);
	assert_string_equal(read_text(*state, next), "2\n");
	ctl = opened(ask_open(*state, ROOT, "/ipifc/clone", O_RW));
	assert_string_equal(read_text(*state, ctl), "3\n");
	close_file(*state, ctl);
	close_file(*state, next);
}

/* --- conversations when the address under them goes --------------------------------------- */

static void conversations_of_an_address_end_with_it(void **state)
{
	struct end caller = end_open(*state, "tcp");
	struct end other = end_open(*state, "tcp");
	struct end listener = end_open(*state, "tcp");
	struct asked *read;

	cable_give(0x0a000002, 24);
	cable_give(0x0a000003, 24);
	assert_true(write_text(*state, listener.ctl, "announce 10.0.0.2!8080") > 0);
	assert_true(write_text(*state, other.ctl, "announce 10.0.0.3!8080") > 0);
	assert_true(write_text(*state, caller.ctl, "connect 10.0.0.2!8080 10.0.0.2!5000") > 0);
	read = ask_read(*state, ALICE, caller.data, 100, 0);
	assert_false(read->is_answered);
	assert_int_equal(order(*state, "remove 10.0.0.2"), 0);
	world_turn(*state);
	assert_int_equal(outcome(read), -EADDRNOTAVAIL);
	assert_memory_equal(cat(*state, ALICE, end_path(&caller, "status")), "Closed", 6);
	assert_memory_equal(cat(*state, ALICE, end_path(&listener, "status")), "Closed", 6);
	assert_memory_equal(cat(*state, ALICE, end_path(&other, "status")), "Listen", 6);
	assert_string_equal(cat(*state, ALICE, end_path(&caller, "err")),
		"10.0.0.2!8080: not an address of ours; ipselftab lists them\n");
	end_close(*state, &caller);
	end_close(*state, &other);
	end_close(*state, &listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_device_is_0_and_lo_is_1),
		CASE(an_interface_lists_its_files),
		CASE(files_of_interfaces_are_root_s_with_the_modes_of_the_contract),
		CASE(interfaces_that_are_not_there_are_enoent),
		CASE(nothing_is_made_or_ended_among_interfaces),
		CASE(a_file_of_an_interface_has_one_node_and_an_ino_of_its_own),
		CASE(an_interface_whose_device_is_gone_is_no_longer_there),
		CASE(status_has_the_columns_of_ip_3_and_the_state),
		CASE(an_address_that_is_being_probed_has_no_lifetime_yet),
		CASE(local_tells_what_is_heard_for_each_address),
		CASE(stats_of_an_interface_are_json_with_its_counters),
		CASE(what_goes_over_lo_is_counted_there),
		CASE(stats_of_all_have_each_interface_and_what_ip_counted),
		CASE(ctl_says_the_number_once_and_again_after_a_command),
		CASE(only_root_changes_an_interface),
		CASE(an_address_is_probed_and_then_used),
		CASE(an_address_that_another_has_is_not_used_and_status_says_so),
		CASE(a_tree_that_does_not_probe_adds_without),
		CASE(an_address_s_mask_is_given_in_any_form_or_by_its_class),
		CASE(what_is_there_already_need_not_be_added_again),
		CASE(an_address_is_removed_with_or_without_its_mask),
		CASE(what_is_malformed_for_an_interface_is_refused_in_words),
		CASE(lo_is_as_it_is),
		CASE(an_open_ctl_of_a_device_that_is_gone_says_so),
		CASE(clone_is_the_ctl_of_a_further_interface),
		CASE(a_number_belongs_to_the_open_clone_alone),
		CASE(numbers_are_bounded),
		CASE(without_a_device_there_is_nothing_to_set),
		CASE(unbind_ends_what_went_by_the_device_and_nothing_else),
		CASE(a_clone_that_has_bound_gives_nothing_back),
		CASE(conversations_of_an_address_end_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
