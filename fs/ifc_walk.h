/*
 * ifc_walk.h - the directory of interfaces, as walk.c meets it.
 *
 * ipifc has a directory for each interface of the stack, under its number. They come and go with
 * the devices: a node of one that is gone is stale.
 */
#ifndef CATNET_IFC_WALK_H
#define CATNET_IFC_WALK_H

#include "fs.h"

struct ifc;

/* ipifc itself. */
node_t ifc_dir_node(void);

/* NAME in the root, and in ipifc: 0 or -ENOENT. */
int ifc_lookup_dir(const char *name, node_t *out);
int ifc_lookup(struct fs *fs, const char *name, node_t *out);

/* The directory of the least number that is at least *FROM, which it becomes; false: none. */
bool ifc_from(struct fs *fs, unsigned *from, node_t *out);

/* Kind, mode and so on of a node of one of these directories; 0, -ENOENT, or -ESTALE. */
int ifc_attr(struct fs *fs, const struct node *n, struct fs_attr *out);

/* The interface that a node of DIR_IFC or DIR_IFC_DIR belongs to; NULL: it is gone. */
struct ifc *node_ifc(struct fs *fs, const struct node *n);

#endif
