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

/* What tells an interface from all others that have had its number: the number is the low 8 bits
 * of it. And the one that has ID; NULL: it is gone. */
uint32_t ifc_id(const struct ifc *ifc);
struct ifc *ifc_of_id(struct fs *fs, uint64_t id);
#define IFC_NUMBER(id) ((unsigned)((id)&0xff))

/* The interface that a node of DIR_IFC or DIR_IFC_DIR belongs to, the node's number being its id;
 * NULL: it is gone. */
struct ifc *node_ifc(struct fs *fs, const struct node *n);

#endif
