/*
 * tree.h - the tree over a real stack, with no kernel in front: requests as a program makes
 * them, their answers kept.
 *
 * The stack has no device. What goes to its own addresses stays inside, so 127.0.0.1 has two
 * ends to talk with; time is a variable.
 */
#ifndef CATNET_TEST_TREE_H
#define CATNET_TEST_TREE_H

#include "../../fs/fs.h"
#include "../../stack/stack.h"
#include "fake_processes.h"

#define ALICE 1000u
#define BOB   1001u
#define ROOT  0u

#define O_R  FS_OPEN_READ
#define O_W  FS_OPEN_WRITE
#define O_RW (FS_OPEN_READ | FS_OPEN_WRITE)
#define O_N  0x80 /* not to wait */

#define WORLD_EVENTS 256 /* what the stack remembers of what happens */

struct world {
	struct stack *stack;
	struct fs *fs;
	struct session session;
	usec_t now_us;
	struct buf *chunk; /* what WRITEs are received into */
	size_t chunk_used;
	unsigned tokens_freed;
	/* The memory hook: refuse the REFUSE_AT-th allocation from now, and with REFUSE_ALL all
	 * that come after it; 0: none. */
	unsigned refuse_at;
	bool refuse_all;
	unsigned allocations;
	struct fake_processes processes; /* each user's own, by cred_of, is there */
};

/* A request and what came of it. Freed by asked_free, and only when it is answered. */
struct asked {
	struct req req;
	node_t node; /* of an OPEN */
	struct world *world;
	bool is_answered;
	bool is_lost; /* nobody is there to take the answer */
	ssize_t result;
	int pieces;
	size_t bytes_len;
	uint8_t *bytes; /* what a READ gave */
};

/* The config that world_up uses; change it in between with world_up_with. */
struct fs_config world_config(void);
void world_up(struct world *w);
/* The same as set-up and tear-down of a test, whose state is then the world. */
int world_setup(void **state);
int world_teardown(void **state);
void world_up_with(struct world *w, const struct fs_config *config);

/* The end: all must have come back, asserted. */
void world_down(struct world *w);

/* Everything that can happen without time passing. */
void world_turn(struct world *w);
void world_sleep(struct world *w, usec_t us);

struct cred cred_of(uint32_t uid);

/* Path to node, each step a LOOKUP; 0 or -errno. "/" begins at the root. */
int walk(struct world *w, uint32_t uid, const char *path, struct fs_attr *out);

/* One request each; HOW is O_R and so on, perhaps with O_N. They may be waiting on return. */
struct asked *ask_open(struct world *w, uint32_t uid, const char *path, unsigned how);
/* Without a walk to it, as a reopened descriptor is. */
struct asked *ask_open_node(struct world *w, uint32_t uid, node_t node, unsigned how);
struct asked *ask_read(struct world *w, uint32_t uid, uint64_t handle, size_t len, unsigned how);
struct asked *ask_read_at(struct world *w, uint32_t uid, uint64_t handle, uint64_t off, size_t len);
struct asked *ask_write(
	struct world *w, uint32_t uid, uint64_t handle, const void *at, size_t len, unsigned how);

/* With IN_LEN bytes at IN, and ROOM for as many to come back. */
struct asked *ask_ioctl(struct world *w, uint32_t uid, uint64_t handle, unsigned command,
	const void *in, size_t in_len, size_t room);

void asked_free(struct asked *a);

/* The result of what must have been answered, freed. */
ssize_t outcome(struct asked *a);

/* The handle of an OPEN that must have succeeded, freed. */
uint64_t opened(struct asked *a);

/* All at once, each as ALICE, and answered without waiting for anything but the stack itself. */
uint64_t open_file(struct world *w, const char *path, unsigned how);
int open_error(struct world *w, uint32_t uid, const char *path, unsigned how);
ssize_t write_text(struct world *w, uint64_t handle, const char *text);
/* What a READ gives as text, good until the next call; "errno N" for an error. */
const char *read_text(struct world *w, uint64_t handle);
void close_file(struct world *w, uint64_t handle);

/* As `cat PATH` and `echo TEXT > PATH` by this user: the text or the write's result. */
const char *cat(struct world *w, uint32_t uid, const char *path);
ssize_t echo(struct world *w, uint32_t uid, const char *text, const char *path);

/* A conversation of PROTO held by its clone, which is opened for reading and writing. */
struct end {
	uint64_t ctl;
	uint64_t data;
	uint64_t number;
	char dir[32]; /* "/udp/3" */
};
struct end end_open(struct world *w, const char *proto);
void end_close(struct world *w, struct end *e);
/* DIR/FILE, good until the next call. */
const char *end_path(const struct end *e, const char *file);

/* Two connected ends of PROTO on 127.0.0.1. */
void ends_connect(struct world *w, const char *proto, struct end *near, struct end *far);

int make_dir(struct world *w, uint32_t uid, const char *path);
int remove_dir(struct world *w, uint32_t uid, const char *path);

/* A directory's names with a blank between, as of `ls`, good until the next call. */
const char *ls(struct world *w, const char *path);

/* A token whose notifications are counted. */
struct token {
	unsigned notified;
	bool is_freed;
};
unsigned poll_file(struct world *w, uint64_t handle, struct token *token);

#endif
