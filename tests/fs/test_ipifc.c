/* ipifc: the interfaces as files (tree.md section 1). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <jansson.h>

#include "../../stack/base/pkt.h"
#include "../../stack/link.h"
#include "../../stack/net.h"
#include "../lib/tree.h"

/* A world with a device, whose frames are counted and gone. */
struct cable {
	struct world world;
	struct link link;
	struct ifc *ifc;
	unsigned sent;
};

static struct cable cable;

static int cable_send(struct link *link, struct pkt *p)
{
	struct cable *c = CONTAINER_OF(link, struct cable, link);

	c->sent++;
	stack_pkt_free(c->world.stack, p);
	return 0;
}

static void plug_in(struct cable *c)
{
	c->link = (struct link){
		.name = "tap7", .mac = { 2, 0, 0, 0, 0, 7 }, .mtu = 1500, .send = cable_send
	};
	assert_int_equal(stack_attach(c->world.stack, &c->link, &c->ifc), 0);
}

static int cable_setup(void **state)
{
	cable.sent = 0;
	world_up(&cable.world);
	plug_in(&cable);
	*state = &cable.world;
	return 0;
}

static int cable_teardown(void **state)
{
	world_down(*state);
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, cable_setup, cable_teardown)

/* An address of the device's, to be used at once. */
static void give(uint32_t ip, unsigned bits)
{
	struct addr a = addr_from_v4(ip);

	assert_int_equal(net_addr_add(cable.world.stack, cable.ifc, &a, 96 + bits,
				 NET_ADDR_UNPROBED),
		0);
}

/* --- walking ----------------------------------------------------------------------------- */

static void the_device_is_0_and_lo_is_1(void **state)
{
	assert_non_null(strstr(ls(*state, "/"), " ipifc"));
	assert_string_equal(ls(*state, "/ipifc"), "stats 0 1");
	assert_memory_equal(cat(*state, BOB, "/ipifc/0/status"), "device tap7 ", 12);
	assert_memory_equal(cat(*state, BOB, "/ipifc/1/status"), "device lo ", 10);
}

static void an_interface_lists_its_files(void **state)
{
	assert_string_equal(ls(*state, "/ipifc/0"), "local status stats");
	assert_string_equal(ls(*state, "/ipifc/1"), "local status stats");
}

struct mode_case {
	const char *file;
	uint32_t mode;
};

static void files_of_interfaces_are_root_s_with_the_modes_of_the_contract(void **state)
{
	static const struct mode_case cases[] = {
		{ "/ipifc", S_IFDIR | 0555 },
		{ "/ipifc/stats", S_IFREG | 0444 },
		{ "/ipifc/0", S_IFDIR | 0555 },
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
		"/ipifc/x", "/ipifc/99999999999999999999", "/ipifc/0/data",
		"/ipifc/clone" };

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
	assert_string_equal(ls(*state, "/ipifc"), "stats 1");
	assert_int_equal(walk(*state, ALICE, "/ipifc/0", &gone), -ENOENT);
	assert_int_equal(fs_getattr(cable.world.fs, attr.node, &gone), -ESTALE);
}

/* --- what they tell ---------------------------------------------------------------------- */

static void status_has_the_columns_of_ip_3_and_the_state(void **state)
{
	give(0x0a000002, 24);
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
	give(0x0a000002, 24);
	give(0x0a010001, 32);
	assert_string_equal(cat(*state, BOB, "/ipifc/0/local"),
		"10.0.0.2                                 -> 10.0.0.2 10.0.0.255 255.255.255.255\n"
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
