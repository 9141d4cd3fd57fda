/*
 * node.h - a node number and its parts.
 *
 *  63                     24 23       12 11   8 7      0
 *  [ conversation number 40 ][ lookup 12 ][ dir 4 ][ row 8 ]      1 is the root
 *
 * A number rises for ever, so a kernel's memory of an old one is stale, never somebody else's
 * conversation. The lookup count gives each LOOKUP of a file that can block a node of its own,
 * because the kernel holds a node's lock for as long as a write waits; st_ino leaves it out.
 * For files of a protocol's directory the number's bits extend the count.
 */
#ifndef CATNET_NODE_H
#define CATNET_NODE_H

#include "../stack/base/base.h"

typedef uint64_t node_t;

#define NODE_ROOT ((node_t)1)

/* Which table of rows a node's row number counts in. */
enum fs_dir {
	DIR_NONE,
	DIR_ROOT,      /* stats, err, arp, ..., and the protocols */
	DIR_PROTO,     /* clone, stats; which protocol is told by the row's high bits */
	DIR_CONV,      /* ctl, data, ...: of a conversation, by its number */
	DIR_NAMED,     /* the same conversation seen under its name: another node, never the same */
	DIR_PROTO_DIR, /* the directories themselves: */
	DIR_CONV_DIR,
	DIR_NAMED_DIR,
	DIR_IFCS, /* ipifc: stats */
	DIR_IFC,  /* ctl, status, ...: of an interface, by its id */
	DIR_IFCS_DIR,
	DIR_IFC_DIR,
};

struct node {
	uint64_t number; /* the conversation, the interface's id, or more of the lookup count */
	uint16_t lookup;
	uint8_t dir; /* enum fs_dir */
	uint8_t row; /* in DIR_PROTO: protocol << 5 | row */
};

node_t node_pack(const struct node *n);
struct node node_unpack(node_t packed);

/* Does it name a file, or a directory? */
bool node_is_file(const struct node *n);

/* The same for every lookup of one file: what st_ino shows. */
uint64_t node_ino(node_t packed);

#endif
