/* The tree as it is walked, listed and asked for modes; names made and ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../lib/tree.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

/* --- walking ----------------------------------------------------------------------------- */

static void the_root_lists_its_files_and_the_protocols(void **state)
{
	const char *names = ls(*state, "/");

	assert_non_null(strstr(names, "stats err arp iproute ipselftab"));
	assert_non_null(strstr(names, "udp"));
	assert_non_null(strstr(names, "icmp"));
}

static void a_protocol_lists_clone_and_stats(void **state)
{
	assert_string_equal(ls(*state, "/udp"), "clone stats");
}

static void a_conversation_lists_all_its_files(void **state)
{
	struct end e = end_open(*state, "udp");

	assert_string_equal(
		ls(*state, e.dir), "ctl data listen accept err local remote status stats");
	end_close(*state, &e);
}

static void a_name_that_is_not_there_is_enoent(void **state)
{
	struct fs_attr attr;

	assert_int_equal(walk(*state, ALICE, "/nothing", &attr), -ENOENT);
	assert_int_equal(walk(*state, ALICE, "/udp/nothing", &attr), -ENOENT);
	assert_int_equal(walk(*state, ALICE, "/udp/99", &attr), -ENOENT);
	assert_int_equal(walk(*state, ALICE, "/udp/99999999999999999999", &attr), -ENOENT);
}

static void a_file_is_no_directory(void **state)
{
	struct fs_attr attr;

	assert_int_equal(walk(*state, ALICE, "/udp/clone/x", &attr), -ENOTDIR);
}

static bool is_lasting(struct world *w, const char *path)
{
	struct fs_attr attr;

	assert_int_equal(walk(w, ALICE, path, &attr), 0);
	return attr.is_lasting;
}

static void of_all_names_only_the_protocols_last(void **state)
{
	struct end e = end_open(*state, "udp");

	assert_true(is_lasting(*state, "/udp"));
	assert_false(is_lasting(*state, "/udp/clone"));
	assert_false(is_lasting(*state, e.dir));
	assert_false(is_lasting(*state, "/arp"));
	end_close(*state, &e);
}

static void a_number_with_leading_zeros_is_not_found(void **state)
{
	struct end e = end_open(*state, "udp");
	struct fs_attr attr;
	char path[32];

	snprintf(path, sizeof(path), "/udp/0%llu", (unsigned long long)e.number);
	assert_int_equal(walk(*state, ALICE, path, &attr), -ENOENT);
	end_close(*state, &e);
}

static void a_conversation_is_not_found_under_another_protocol(void **state)
{
	struct end e = end_open(*state, "udp");
	struct fs_attr attr;
	char path[32];

	snprintf(path, sizeof(path), "/icmp/%llu", (unsigned long long)e.number);
	assert_int_equal(walk(*state, ALICE, path, &attr), -ENOENT);
	end_close(*state, &e);
}

/* --- attributes -------------------------------------------------------------------------- */

struct mode_case {
	const char *file;
	uint32_t mode;
	uint64_t size;
};

static void files_have_the_modes_and_sizes_of_the_contract(void **state)
{
	static const struct mode_case cases[] = {
		{ "/", S_IFDIR | 0555, 0 },
		{ "/udp", S_IFDIR | 01777, 0 },
		{ "/stats", S_IFREG | 0444, 16 << 10 },
		{ "/err", S_IFREG | 0444, 8 << 10 },
		{ "/arp", S_IFREG | 0664, 16 << 10 },
		{ "/iproute", S_IFREG | 0664, 16 << 10 },
		{ "/ipselftab", S_IFREG | 0444, 16 << 10 },
		{ "/udp/clone", S_IFREG | 0666, 8 << 10 },
		{ "/udp/stats", S_IFREG | 0444, 16 << 10 },
		{ "/udp/n", S_IFDIR | 0555, 0 },
		{ "/udp/n/ctl", S_IFREG | 0600, 8 << 10 },
		{ "/udp/n/data", S_IFREG | 0600, (uint64_t)16 << 20 },
		{ "/udp/n/listen", S_IFREG | 0600, 8 << 10 },
		{ "/udp/n/accept", S_IFREG | 0600, 8 << 10 },
		{ "/udp/n/err", S_IFREG | 0400, 8 << 10 },
		{ "/udp/n/local", S_IFREG | 0444, 8 << 10 },
		{ "/udp/n/remote", S_IFREG | 0444, 8 << 10 },
		{ "/udp/n/status", S_IFREG | 0444, 8 << 10 },
		{ "/udp/n/stats", S_IFREG | 0400, 16 << 10 },
	};

	assert_int_equal(make_dir(*state, ALICE, "/udp/n"), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fs_attr attr;

		assert_int_equal(walk(*state, ALICE, cases[i].file, &attr), 0);
		assert_int_equal(attr.mode, cases[i].mode);
		assert_int_equal(attr.size, cases[i].size);
	}
}

static void a_conversation_belongs_to_who_made_it(void **state)
{
	struct fs_attr attr;

	assert_int_equal(make_dir(*state, BOB, "/udp/n"), 0);
	assert_int_equal(walk(*state, ALICE, "/udp/n", &attr), 0);
	assert_int_equal(attr.uid, BOB);
	assert_int_equal(walk(*state, ALICE, "/udp/n/data", &attr), 0);
	assert_int_equal(attr.uid, BOB);
	assert_int_equal(attr.gid, cred_of(BOB).gid);
	assert_int_equal(walk(*state, ALICE, "/udp/clone", &attr), 0);
	assert_int_equal(attr.uid, 0);
}

static void a_stream_gets_a_fresh_node_and_keeps_its_ino(void **state)
{
	static const char *const files[] = { "/udp/clone", "/udp/n/ctl", "/udp/n/data",
		"/udp/n/listen" };

	assert_int_equal(make_dir(*state, ALICE, "/udp/n"), 0);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct fs_attr first;
		struct fs_attr second;

		assert_int_equal(walk(*state, ALICE, files[i], &first), 0);
		assert_int_equal(walk(*state, ALICE, files[i], &second), 0);
		assert_true(first.node != second.node);
		assert_true(first.ino == second.ino);
	}
}

static node_t node_at(void *state, const char *path)
{
	struct fs_attr attr;

	assert_int_equal(walk(state, ALICE, path, &attr), 0);
	return attr.node;
}

static void a_stream_that_was_closed_gives_its_node_to_the_next_one(void **state)
{
	node_t first;

	assert_int_equal(make_dir(*state, ALICE, "/udp/n"), 0);
	for (unsigned i = 0; i < 5000; i++) {
		struct asked *a = ask_open(*state, ALICE, "/udp/n/ctl", O_RW);

		if (i == 0)
			first = a->node;
		assert_true(a->node == first);
		close_file(*state, opened(a));
	}
	assert_true(node_at(*state, "/udp/n/ctl") == first);
	assert_true(node_at(*state, "/udp/n/ctl") != first); /* that one has been handed out */
}

static void a_stream_that_is_open_shares_its_node_with_nobody(void **state)
{
	struct asked *a;
	node_t mine;
	uint64_t file;

	assert_int_equal(make_dir(*state, ALICE, "/udp/n"), 0);
	close_file(*state, opened(ask_open(*state, ALICE, "/udp/n/data", O_RW)));
	a = ask_open(*state, ALICE, "/udp/n/data", O_RW);
	mine = a->node;
	file = opened(a);
	for (unsigned i = 0; i < 3; i++) {
		a = ask_open(*state, ALICE, "/udp/n/data", O_RW);
		assert_true(a->node != mine);
		close_file(*state, opened(a));
	}
	close_file(*state, file);
}

static void a_node_that_is_open_twice_is_not_handed_out_when_one_is_closed(void **state)
{
	struct world *w = *state;
	struct asked *a;
	node_t node;
	uint64_t first;
	uint64_t second;

	assert_int_equal(make_dir(w, ALICE, "/udp/n"), 0);
	a = ask_open(w, ALICE, "/udp/n/data", O_RW);
	node = a->node;
	first = opened(a);
	second = opened(ask_open_node(w, ALICE, node, O_RW)); /* through /proc/self/fd */
	close_file(w, first);
	assert_true(node_at(w, "/udp/n/data") != node);
	close_file(w, second);
	assert_true(node_at(w, "/udp/n/data") == node);
}

static void a_table_keeps_its_node(void **state)
{
	struct fs_attr first;
	struct fs_attr second;

	assert_int_equal(make_dir(*state, ALICE, "/udp/n"), 0);
	assert_int_equal(walk(*state, ALICE, "/udp/n/status", &first), 0);
	assert_int_equal(walk(*state, ALICE, "/udp/n/status", &second), 0);
	assert_true(first.node == second.node);
}

static void a_name_and_its_number_are_two_directories(void **state)
{
	struct fs_attr by_name;
	struct fs_attr by_number;
	char number[64];

	assert_int_equal(make_dir(*state, ALICE, "/udp/n"), 0);
	snprintf(number, sizeof(number), "/udp/%s", cat(*state, ALICE, "/udp/n/ctl"));
	number[strcspn(number, "\n")] = '\0';
	assert_int_equal(walk(*state, ALICE, "/udp/n", &by_name), 0);
	assert_int_equal(walk(*state, ALICE, number, &by_number), 0);
	assert_true(by_name.node != by_number.node);
	assert_true(by_name.ino != by_number.ino);
}

static int set_as(
	struct world *w, uint32_t uid, const char *path, unsigned fields, const struct fs_attr *to)
{
	struct fs_attr attr;
	struct cred who = cred_of(uid);

	assert_int_equal(walk(w, uid, path, &attr), 0);
	return fs_setattr(w->fs, &who, attr.node, fields, to, &attr);
}

static int chmod_as(struct world *w, uint32_t uid, const char *path, uint32_t mode)
{
	return set_as(w, uid, path, FS_SET_MODE, &(struct fs_attr){ .mode = mode });
}

static int chgrp_as(struct world *w, uint32_t uid, const char *path, uint32_t gid)
{
	return set_as(w, uid, path, FS_SET_GID, &(struct fs_attr){ .gid = gid });
}

static void a_chmod_by_the_owner_is_kept_and_lets_others_in(void **state)
{
	struct fs_attr attr;

	assert_int_equal(make_dir(*state, ALICE, "/udp/n"), 0);
	assert_int_equal(open_error(*state, BOB, "/udp/n/data", O_R), -EACCES);
	assert_int_equal(chmod_as(*state, BOB, "/udp/n/data", 0666), -EPERM);
	assert_int_equal(chmod_as(*state, ALICE, "/udp/n/data", 0604), 0);
	assert_int_equal(walk(*state, ALICE, "/udp/n/data", &attr), 0);
	assert_int_equal(attr.mode, S_IFREG | 0604);
	assert_int_equal(open_error(*state, BOB, "/udp/n/data", O_R), 0);
	assert_int_equal(open_error(*state, BOB, "/udp/n/data", O_RW), -EACCES);
	assert_int_equal(open_error(*state, BOB, "/udp/n/ctl", O_R), -EACCES);
}

static void the_owner_may_give_it_to_his_group_and_no_other(void **state)
{
	assert_int_equal(make_dir(*state, ALICE, "/udp/n"), 0);
	assert_int_equal(chgrp_as(*state, ALICE, "/udp/n/data", 4), -EPERM);
	assert_int_equal(chgrp_as(*state, ALICE, "/udp/n/data", cred_of(ALICE).gid), 0);
}

static void the_group_of_a_conversation_is_let_in_by_its_bits(void **state)
{
	assert_int_equal(make_dir(*state, ALICE, "/udp/n"), 0);
	assert_int_equal(chgrp_as(*state, ROOT, "/udp/n/data", cred_of(BOB).gid), 0);
	assert_int_equal(open_error(*state, BOB, "/udp/n/data", O_RW), -EACCES);
	assert_int_equal(chmod_as(*state, ALICE, "/udp/n/data", 0660), 0);
	assert_int_equal(open_error(*state, BOB, "/udp/n/data", O_RW), 0);
}

/* Everybody is in group 77. */
static bool in_77(void *arg, const struct cred *who, uint32_t gid)
{
	(void)arg;
	(void)who;
	return gid == 77;
}

static void a_group_beyond_ones_own_counts_as_well(void **state)
{
	struct fs_config config = world_config();
	struct world w;

	(void)state;
	config.in_group = in_77;
	world_up_with(&w, &config);
	assert_int_equal(make_dir(&w, ALICE, "/udp/n"), 0);
	assert_int_equal(chgrp_as(&w, ALICE, "/udp/n/data", 78), -EPERM);
	assert_int_equal(chgrp_as(&w, ALICE, "/udp/n/data", 77), 0);
	assert_int_equal(open_error(&w, BOB, "/udp/n/data", O_RW), -EACCES);
	assert_int_equal(chmod_as(&w, ALICE, "/udp/n/data", 0660), 0);
	assert_int_equal(open_error(&w, BOB, "/udp/n/data", O_RW), 0);
	world_down(&w);
}

static void nobody_gives_a_conversation_to_another_user(void **state)
{
	struct fs_attr to = { .uid = BOB };

	assert_int_equal(make_dir(*state, ALICE, "/udp/n"), 0);
	assert_int_equal(set_as(*state, ALICE, "/udp/n/data", FS_SET_UID, &to), -EPERM);
	to.uid = ALICE;
	assert_int_equal(set_as(*state, ALICE, "/udp/n/data", FS_SET_UID, &to), 0);
}

static void the_files_of_the_tree_itself_are_as_they_are(void **state)
{
	assert_int_equal(chmod_as(*state, ROOT, "/udp/clone", 0), -EPERM);
	assert_int_equal(chmod_as(*state, ROOT, "/udp", 0), -EPERM);
}

static void root_may_open_what_is_anothers(void **state)
{
	assert_int_equal(make_dir(*state, ALICE, "/udp/n"), 0);
	assert_int_equal(open_error(*state, ROOT, "/udp/n/data", O_RW), 0);
	assert_int_equal(open_error(*state, ROOT, "/udp/n/status", O_W), -EACCES);
}

static void a_directory_is_not_opened_as_a_file(void **state)
{
	assert_int_equal(open_error(*state, ALICE, "/udp", O_R), -EISDIR);
}

/* --- names ------------------------------------------------------------------------------- */

static void a_name_is_listed_beside_its_number(void **state)
{
	char expected[64];
	unsigned long long number;

	assert_int_equal(make_dir(*state, ALICE, "/udp/web"), 0);
	number = strtoull(cat(*state, ALICE, "/udp/web/ctl"), NULL, 10);
	snprintf(expected, sizeof(expected), "clone stats %llu web", number);
	assert_string_equal(ls(*state, "/udp"), expected);
}

static void rmdir_ends_a_name_and_the_conversation(void **state)
{
	assert_int_equal(make_dir(*state, ALICE, "/udp/web"), 0);
	assert_int_equal(remove_dir(*state, ALICE, "/udp/web"), 0);
	assert_string_equal(ls(*state, "/udp"), "clone stats");
	assert_int_equal(remove_dir(*state, ALICE, "/udp/web"), -ENOENT);
}

struct name_case {
	const char *name;
	int err;
};

static void names_that_cannot_be_are_refused(void **state)
{
	static const struct name_case cases[] = {
		{ "/udp/clone", -EEXIST },
		{ "/udp/stats", -EEXIST },
		{ "/udp/ctl", -EEXIST },
		{ "/udp/log", -EEXIST },
		{ "/udp/cs", -EEXIST },
		{ "/udp/policy", -EEXIST },
		{ "/udp/123", -EINVAL },
		{ "/udp/a b", -EINVAL },
		{ "/udp/a:b", -EINVAL },
		{ "/udp/\xc3\xa4", -EINVAL },
		{ "/udp/..", -EINVAL },
		{ "/udp/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			-ENAMETOOLONG },
		{ "/web", -EPERM },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(make_dir(*state, ALICE, cases[i].name), cases[i].err);
}

static void a_name_may_have_64_characters_of_each_kind(void **state)
{
	const char *name = "/udp/A.z_0-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

	assert_int_equal(strlen(name), 64 + strlen("/udp/"));
	assert_int_equal(make_dir(*state, ALICE, name), 0);
}

static void a_name_is_given_once(void **state)
{
	assert_int_equal(make_dir(*state, ALICE, "/udp/web"), 0);
	assert_int_equal(make_dir(*state, BOB, "/udp/web"), -EEXIST);
	assert_string_equal(cat(*state, BOB, "/err"), "mkdir udp/web: the name is taken\n");
	assert_string_equal(cat(*state, ALICE, "/err"), "");
	assert_int_equal(make_dir(*state, BOB, "/icmp/web"), 0);
}

static void a_number_that_is_there_is_neither_made_nor_removed(void **state)
{
	struct end e = end_open(*state, "udp");

	assert_int_equal(make_dir(*state, ALICE, e.dir), -EEXIST);
	assert_int_equal(remove_dir(*state, ALICE, e.dir), -EPERM);
	end_close(*state, &e);
}

static void only_its_owner_may_end_a_name(void **state)
{
	assert_int_equal(make_dir(*state, ALICE, "/udp/web"), 0);
	assert_int_equal(remove_dir(*state, BOB, "/udp/web"), -EPERM);
	assert_int_equal(remove_dir(*state, ROOT, "/udp/web"), 0);
}

static void a_file_cannot_be_removed_as_a_directory(void **state)
{
	assert_int_equal(remove_dir(*state, ROOT, "/udp/clone"), -ENOTDIR);
}

static void an_open_file_carries_on_after_rmdir(void **state)
{
	struct fs_attr attr;
	uint64_t data;
	uint64_t ctl;

	assert_int_equal(make_dir(*state, ALICE, "/udp/web"), 0);
	ctl = open_file(*state, "/udp/web/ctl", O_RW);
	data = open_file(*state, "/udp/web/data", O_RW);
	assert_int_equal(remove_dir(*state, ALICE, "/udp/web"), 0);
	assert_int_equal(walk(*state, ALICE, "/udp/web", &attr), -ENOENT);
	assert_int_equal(write_text(*state, ctl, "connect 127.0.0.1!9\n"), 20);
	close_file(*state, ctl);
	close_file(*state, data);
	assert_string_equal(ls(*state, "/udp"), "clone stats");
}

static void a_node_of_what_is_gone_is_stale(void **state)
{
	struct world *w = *state;
	struct fs_attr dir;
	struct fs_attr file;
	struct fs_attr out;

	assert_int_equal(make_dir(w, ALICE, "/udp/web"), 0);
	assert_int_equal(walk(w, ALICE, "/udp/web", &dir), 0);
	assert_int_equal(walk(w, ALICE, "/udp/web/data", &file), 0);
	assert_int_equal(remove_dir(w, ALICE, "/udp/web"), 0);
	assert_int_equal(fs_getattr(w->fs, dir.node, &out), -ESTALE);
	assert_int_equal(fs_getattr(w->fs, file.node, &out), -ESTALE);
	assert_int_equal(fs_opendir(w->fs, dir.node), -ESTALE);
}

/* --- listing ----------------------------------------------------------------------------- */

struct few {
	unsigned left;
	uint64_t cookie;
	unsigned entries;
	uint64_t last_number;
};

static bool take_few(void *arg, const char *name, const struct fs_attr *attr, uint64_t next)
{
	struct few *f = arg;
	uint64_t number = strtoull(name, NULL, 10);

	(void)attr;
	if (f->left == 0)
		return true;
	f->left--;
	f->cookie = next;
	f->entries++;
	if (number > 0) {
		assert_true(number > f->last_number);
		f->last_number = number;
	}
	return false;
}

static void a_listing_in_pieces_gives_each_entry_once(void **state)
{
	struct world *w = *state;
	struct fs_attr attr;
	struct few f = { .cookie = 0 };
	char name[32];

	for (unsigned i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "/udp/n%u", i);
		assert_int_equal(make_dir(w, ALICE, name), 0);
	}
	assert_int_equal(walk(w, ALICE, "/udp", &attr), 0);
	for (unsigned before = 1; before != f.entries;) {
		before = f.entries;
		f.left = 3;
		assert_int_equal(fs_readdir(w->fs, attr.node, f.cookie, take_few, &f), 0);
	}
	assert_int_equal(f.entries, 2 + 2 + 20 * 2);
}

static void a_listing_goes_on_after_what_has_ended_meanwhile(void **state)
{
	struct world *w = *state;
	struct fs_attr attr;
	struct few f = { .left = 7 }; /* two dots, two files, a with its name, b */

	assert_int_equal(make_dir(w, ALICE, "/udp/a"), 0);
	assert_int_equal(make_dir(w, ALICE, "/udp/b"), 0);
	assert_int_equal(make_dir(w, ALICE, "/udp/c"), 0);
	assert_int_equal(walk(w, ALICE, "/udp", &attr), 0);
	assert_int_equal(fs_readdir(w->fs, attr.node, 0, take_few, &f), 0);
	assert_int_equal(remove_dir(w, ALICE, "/udp/b"), 0);
	f.left = 100;
	assert_int_equal(fs_readdir(w->fs, attr.node, f.cookie, take_few, &f), 0);
	assert_int_equal(f.entries, 7 + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_root_lists_its_files_and_the_protocols),
		CASE(a_protocol_lists_clone_and_stats),
		CASE(a_conversation_lists_all_its_files),
		CASE(a_name_that_is_not_there_is_enoent),
		CASE(a_file_is_no_directory),
		CASE(of_all_names_only_the_protocols_last),
		CASE(a_number_with_leading_zeros_is_not_found),
		CASE(a_conversation_is_not_found_under_another_protocol),
		CASE(files_have_the_modes_and_sizes_of_the_contract),
		CASE(a_conversation_belongs_to_who_made_it),
		CASE(a_stream_gets_a_fresh_node_and_keeps_its_ino),
		CASE(a_stream_that_was_closed_gives_its_node_to_the_next_one),
		CASE(a_stream_that_is_open_shares_its_node_with_nobody),
		CASE(a_node_that_is_open_twice_is_not_handed_out_when_one_is_closed),
		CASE(a_table_keeps_its_node),
		CASE(a_name_and_its_number_are_two_directories),
		CASE(a_chmod_by_the_owner_is_kept_and_lets_others_in),
		CASE(the_owner_may_give_it_to_his_group_and_no_other),
		CASE(the_group_of_a_conversation_is_let_in_by_its_bits),
		CASE(a_group_beyond_ones_own_counts_as_well),
		CASE(nobody_gives_a_conversation_to_another_user),
		CASE(the_files_of_the_tree_itself_are_as_they_are),
		CASE(root_may_open_what_is_anothers),
		CASE(a_directory_is_not_opened_as_a_file),
		CASE(a_name_is_listed_beside_its_number),
		CASE(rmdir_ends_a_name_and_the_conversation),
		CASE(names_that_cannot_be_are_refused),
		CASE(a_name_may_have_64_characters_of_each_kind),
		CASE(a_name_is_given_once),
		CASE(a_number_that_is_there_is_neither_made_nor_removed),
		CASE(only_its_owner_may_end_a_name),
		CASE(a_file_cannot_be_removed_as_a_directory),
		CASE(an_open_file_carries_on_after_rmdir),
		CASE(a_node_of_what_is_gone_is_stale),
		CASE(a_listing_in_pieces_gives_each_entry_once),
		CASE(a_listing_goes_on_after_what_has_ended_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
