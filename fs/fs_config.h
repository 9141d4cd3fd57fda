/*
 * fs_config.h - what the tree is given by whoever makes it. Zero is the default where one is named.
 */
#ifndef CATNET_FS_CONFIG_H
#define CATNET_FS_CONFIG_H

#include "../stack/conv.h"

struct binder;
struct opener;
struct stack;

struct fs_config {
	struct stack *stack;
	const struct opener *opener; /* NULL: no process can hold anything */
	const struct binder *binder; /* NULL: no device can be bound */
	const char *version;
	uint32_t keeper_uid, keeper_gid; /* who runs it, and is in root's place here */
	uint64_t secret;                 /* keys the tables */
	uint64_t wall_offset_us;         /* wall clock minus the loop's, for the times of files */
	bool addr_unprobed;        /* addresses added later are used at once, too (RFC 5227) */
	uint32_t reservations_max; /* per uid; default 64 */
	uint32_t holders_max;      /* processes that hold; default 512 */
	uint32_t parked_max;       /* requests that wait, in all; default 65,536 */
	uint64_t waiting_max;      /* bytes in WRITEs that wait, per uid; default 128 MiB */
	/* Is WHO in a group other than his own? NULL: in none. */
	bool (*in_group)(void *arg, const struct cred *who, uint32_t gid);
	void *in_group_arg;
	/* Asked before the tree takes memory: true refuses. NULL: never. For tests. */
	bool (*refuse)(void *arg);
	void *refuse_arg;
};

#endif
