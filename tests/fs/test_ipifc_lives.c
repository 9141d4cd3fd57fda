/* ipifc when devices come and go: who still has a file of one that is gone, and what goes on. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../lib/cable.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, cable_setup, cable_teardown)

static void bind_further(struct world *w, const char *name)
{
	char command[64];

	snprintf(command, sizeof(command), "bind ether %s", name);
	assert_int_equal(echo(w, ROOT, command, "/ipifc/clone"), strlen(command));
}

static void unbind(struct world *w)
{
	assert_int_equal(echo(w, ROOT, "unbind", "/ipifc/2/ctl"), 6);
}

/* --- a file of a device that is gone ------------------------------------------------------ */

static void a_node_of_a_device_that_is_gone_is_not_the_next_one_s(void **state)
{
	static const char *const paths[] = { "/ipifc/2", "/ipifc/2/ctl", "/ipifc/2/status" };
	struct fs_attr before[ARRAY_LEN(paths)];

	bind_further(*state, "tap8");
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		assert_int_equal(walk(*state, ROOT, paths[i], &before[i]), 0);
	unbind(*state);
	bind_further(*state, "tap9");
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct fs_attr attr;

		assert_int_equal(fs_getattr(cable.world.fs, before[i].node, &attr), -ESTALE);
		assert_int_equal(walk(*state, ROOT, paths[i], &attr), 0);
		assert_true(attr.ino != before[i].ino);
	}
}

static void an_open_ctl_says_nothing_to_the_next_device_of_its_number(void **state)
{
	uint64_t ctl;

	bind_further(*state, "tap8");
	ctl = opened(ask_open(*state, ROOT, "/ipifc/2/ctl", O_RW));
	unbind(*state);
	bind_further(*state, "tap9");
	assert_int_equal(outcome(ask_write(*state, ROOT, ctl, "mtu 1400", 8, 0)), -EIO);
	assert_int_equal(outcome(ask_write(*state, ROOT, ctl, "unbind", 6, 0)), -EIO);
	assert_string_equal(cat(*state, ROOT, "/err"), "ipifc/2: unbind: the device is gone\n");
	assert_non_null(strstr(cat(*state, BOB, "/ipifc/2/status"), "device tap9 maxtu 1500 "));
	close_file(*state, ctl);
}

static void an_open_clone_says_nothing_to_the_next_device_of_its_number(void **state)
{
	uint64_t ctl = opened(ask_open(*state, ROOT, "/ipifc/clone", O_RW));

	assert_int_equal(outcome(ask_write(*state, ROOT, ctl, "bind ether tap8", 15, 0)), 15);
	assert_int_equal(outcome(ask_write(*state, ROOT, ctl, "mtu 1400", 8, 0)), 8);
	unbind(*state);
	bind_further(*state, "tap9");
	assert_int_equal(outcome(ask_write(*state, ROOT, ctl, "mtu 1300", 8, 0)), -EIO);
	assert_non_null(strstr(cat(*state, BOB, "/ipifc/2/status"), "device tap9 maxtu 1500 "));
	close_file(*state, ctl);
}

/* What it told when it was opened it goes on telling. */
static void an_open_table_of_a_device_that_is_gone_is_not_the_next_one_s(void **state)
{
	uint64_t status;

	bind_further(*state, "tap8");
	status = opened(ask_open(*state, BOB, "/ipifc/2/status", O_R));
	unbind(*state);
	bind_further(*state, "tap9");
	assert_memory_equal(read_text(*state, status), "device tap8 ", 12);
	close_file(*state, status);
}

/* --- what goes on -------------------------------------------------------------------------- */

static void a_group_on_another_device_goes_on(void **state)
{
	struct end e = end_open(*state, "udp");

	cable_give(0x0a000002, 24);
	bind_further(*state, "tap8");
	assert_true(write_text(*state, e.ctl, "announce 239.1.1.1!5000\naddmulti 10.0.0.2") > 0);
	unbind(*state);
	world_turn(*state);
	assert_memory_equal(cat(*state, ALICE, end_path(&e, "status")), "Announced", 9);
	end_close(*state, &e);
}

static void a_group_on_two_devices_goes_on_with_one(void **state)
{
	struct end e = end_open(*state, "udp");

	cable_give(0x0a000002, 24);
	bind_further(*state, "tap8");
	assert_true(echo(*state, ROOT, "add 10.1.0.2 /24", "/ipifc/2/ctl") > 0);
	world_sleep(*state, 10 * USEC_PER_SEC);
	assert_true(write_text(*state, e.ctl,
			    "announce 239.1.1.1!5000\naddmulti 10.0.0.2\naddmulti 10.1.0.2") > 0);
	unbind(*state);
	world_turn(*state);
	assert_memory_equal(cat(*state, ALICE, end_path(&e, "status")), "Announced", 9);
	stack_detach(cable.world.stack, cable.ifc);
	fs_device_gone(cable.world.fs);
	world_turn(*state);
	assert_string_equal(read_text(*state, e.data), "errno 5");
	end_close(*state, &e);
}

static void a_device_that_comes_after_none_was_left_is_one(void **state)
{
	struct end e = end_open(*state, "udp");

	stack_detach(cable.world.stack, cable.ifc);
	fs_device_gone(cable.world.fs);
	assert_int_equal(write_text(*state, e.ctl, "connect 10.9.0.1!7"), -EIO);
	bind_further(*state, "tap8");
	assert_int_equal(write_text(*state, e.ctl, "connect 10.9.0.1!7"), -ENETUNREACH);
	end_close(*state, &e);
}

/* --- lines --------------------------------------------------------------------------------- */

static void an_address_that_is_refused_leaves_the_mtu(void **state)
{
	cable_give(0x0a000002, 24);
	assert_int_equal(
		echo(*state, ROOT, "add 10.0.0.255 /24 10.0.0.0 1400", "/ipifc/0/ctl"), -EINVAL);
	assert_non_null(strstr(cat(*state, BOB, "/ipifc/0/status"), " maxtu 1500 "));
	assert_int_equal(
		echo(*state, ROOT, "add 10.0.0.3 /24 10.0.0.0 1501", "/ipifc/0/ctl"), -EINVAL);
	assert_null(strstr(cat(*state, BOB, "/ipifc/0/status"), "10.0.0.3 "));
	assert_true(echo(*state, ROOT, "add 10.0.0.3 /24 10.0.0.0 1400", "/ipifc/0/ctl") > 0);
	assert_non_null(strstr(cat(*state, BOB, "/ipifc/0/status"), " maxtu 1400 "));
}

static void ctl_is_readable_until_it_is_read_up(void **state)
{
	uint64_t ctl = opened(ask_open(*state, ROOT, "/ipifc/0/ctl", O_RW));

	assert_int_equal(outcome(ask_read(*state, ROOT, ctl, 1, 0)), 1);
	assert_true(poll_file(*state, ctl, NULL) & POLLIN);
	assert_int_equal(outcome(ask_read(*state, ROOT, ctl, 1, 1)), 1);
	assert_false(poll_file(*state, ctl, NULL) & POLLIN);
	close_file(*state, ctl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_node_of_a_device_that_is_gone_is_not_the_next_one_s),
		CASE(an_open_ctl_says_nothing_to_the_next_device_of_its_number),
		CASE(an_open_clone_says_nothing_to_the_next_device_of_its_number),
		CASE(an_open_table_of_a_device_that_is_gone_is_not_the_next_one_s),
		CASE(a_group_on_another_device_goes_on),
		CASE(a_group_on_two_devices_goes_on_with_one),
		CASE(a_device_that_comes_after_none_was_left_is_one),
		CASE(an_address_that_is_refused_leaves_the_mtu),
		CASE(ctl_is_readable_until_it_is_read_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
