/*
 * What mount(8) says to its helper, and the command line that is meant by it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <cmocka.h>

#include "../../fs/mount_helper.h"
#include "../../stack/base/text.h"
#include "../lib/region.h"

#define ARGS_MAX 8

struct call {
	struct mount_helper helper;
	char told_at[1024];
	struct text told;
	char line_at[4096]; /* the words that came out, with a blank between */
};

static void tell(void *arg, const char *line)
{
	text_put(arg, line);
}

/* mount.fuse.catnetd net /net FLAG LIST; the status. */
static int call(struct call *c, const char *flag, const char *list)
{
	const struct teller to = { .tell = tell, .arg = &c->told };
	char words[ARGS_MAX][512] = { "/sbin/mount.fuse.catnetd", "net", "/mnt/net" };
	char *argv[ARGS_MAX + 1] = { words[0], words[1], words[2], NULL };
	struct text line = text_over(c->line_at, sizeof(c->line_at));
	int argc = 3;
	int status;

	snprintf(words[3], sizeof(words[3]), "%s", flag);
	snprintf(words[4], sizeof(words[4]), "%s", list);
	if (*flag)
		argv[argc++] = words[3];
	if (*list)
		argv[argc++] = words[4];
	c->told = text_over(c->told_at, sizeof(c->told_at));
	status = mount_helper_read(&c->helper, argc, argv, &to);
	for (int i = 1; status == 0 && i < c->helper.argc; i++)
		text_printf(&line, i > 1 ? " %s" : "%s", c->helper.argv[i]);
	return status;
}

static void assert_meant(const char *list, const char *line)
{
	struct call c;

	assert_int_equal(call(&c, "-o", list), 0);
	assert_string_equal(c.line_at, line);
	mount_helper_free(&c.helper);
}

static void assert_refused(const char *flag, const char *list, const char *words)
{
	struct call c;

	assert_int_equal(call(&c, flag, list), EX_USAGE);
	assert_string_equal(c.told_at, words);
	mount_helper_free(&c.helper);
}

static void it_is_known_by_its_name(void **state)
{
	(void)state;

	assert_true(mount_helper_is("/sbin/mount.fuse.catnetd"));
	assert_true(mount_helper_is("mount.catnetd"));
	assert_false(mount_helper_is("/usr/sbin/catnetd"));
	assert_false(mount_helper_is("/opt/mount.d/catnetd"));
	assert_false(mount_helper_is(NULL));
}

static void words_of_ours_become_options(void **state)
{
	(void)state;

	assert_meant("addr=10.0.0.2/24,gw=10.0.0.1,no-acd",
		"--fsname net --addr=10.0.0.2/24 --gw=10.0.0.1 --no-acd -- /mnt/net");
	assert_meant("config=/etc/catnet/net.json",
		"--fsname net --config=/etc/catnet/net.json -- /mnt/net");
}

static void words_of_mounts_are_passed_over(void **state)
{
	(void)state;

	assert_meant("rw,nosuid,nodev,noauto,_netdev,nofail,x-systemd.automount,X-a=b,comment=mine,"
		     "relatime,tap=t0,,user",
		"--fsname net --tap=t0 -- /mnt/net");
}

static void commas_may_be_quoted(void **state)
{
	(void)state;

	assert_meant("fault=\"loss=1%,dup=1%\",mtu=1400",
		"--fsname net --fault=loss=1%,dup=1% --mtu=1400 -- /mnt/net");
	assert_meant("tap=\"t,", "--fsname net --tap=t, -- /mnt/net");
}

static void what_would_promise_too_much_is_refused(void **state)
{
	(void)state;

	assert_refused("-o", "ro", "ro: commands are written to the tree: leave it out");
	assert_refused("-r", "", "ro: commands are written to the tree: leave it out");
	assert_refused("-o", "remount,rw",
		"remount: SIGHUP to the server makes it read its config file again");
	assert_refused("-o", "foreground",
		"foreground: mount(8) waits for its helper to end: leave it out");
	assert_refused("-o", "colour=blue",
		"colour=blue: no such mount option: catnetd --help lists ours");
	assert_refused("-o", "help", "help: no such mount option: catnetd --help lists ours");
	assert_refused("-o", "mountpoint=/x",
		"mountpoint=/x: no such mount option: catnetd --help lists ours");
	assert_refused("-o", "addr", "addr: its value is missing, as in addr=A/P");
	assert_refused("-o", "no-acd=yes", "no-acd: takes no value");
	assert_refused(
		"-N", "/proc/1/ns/mnt", "-N /proc/1/ns/mnt: run it there instead, by nsenter(1)");
	assert_refused("-Z", "", "-Z: no such flag of a mount helper");
}

static void sloppy_is_not_so_strict(void **state)
{
	struct call c;
	(void)state;

	assert_int_equal(call(&c, "-so", "colour=blue,mtu=1400"), 0);
	assert_string_equal(c.line_at, "--fsname net --mtu=1400 -- /mnt/net");
	mount_helper_free(&c.helper);
}

static void a_fake_is_one(void **state)
{
	struct call c;
	(void)state;

	assert_int_equal(call(&c, "-fnvw", ""), 0);
	assert_true(c.helper.is_fake);
	assert_string_equal(c.line_at, "--fsname net -- /mnt/net");
	mount_helper_free(&c.helper);
}

static void mount_is_told_in_its_own_numbers(void **state)
{
	(void)state;

	assert_int_equal(mount_helper_status(EX_OK), 0);
	assert_int_equal(mount_helper_status(EX_USAGE), 1);
	assert_int_equal(mount_helper_status(EX_CONFIG), 1);
	assert_int_equal(mount_helper_status(EX_OSERR), 2);
	assert_int_equal(mount_helper_status(EX_NOINPUT), 32);
	assert_int_equal(mount_helper_status(EX_TEMPFAIL), 32);
}

/* Any list is read or refused, within its memory. */
static void lists_of_anything(void **state)
{
	static const char bytes[] = ",,,\"\"=-a/tgw.1 \\no-acdrx";
	struct random dice;
	char list[64];
	(void)state;

	seeded(&dice);
	for (uint32_t i = 0; i < steps(5000); i++) {
		size_t len = random_below(&dice, sizeof(list));
		struct call c;
		int status;

		for (size_t k = 0; k < len; k++)
			list[k] = bytes[random_below(&dice, sizeof(bytes) - 1)];
		list[len] = '\0';
		status = call(&c, "-o", list);
		assert_true(status == 0 || (status == EX_USAGE && c.told.len > 0));
		mount_helper_free(&c.helper);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_known_by_its_name),
		cmocka_unit_test(words_of_ours_become_options),
		cmocka_unit_test(words_of_mounts_are_passed_over),
		cmocka_unit_test(commas_may_be_quoted),
		cmocka_unit_test(what_would_promise_too_much_is_refused),
		cmocka_unit_test(sloppy_is_not_so_strict),
		cmocka_unit_test(a_fake_is_one),
		cmocka_unit_test(mount_is_told_in_its_own_numbers),
		cmocka_unit_test(lists_of_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
