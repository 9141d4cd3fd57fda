/* ifc_walk.c - see ifc_walk.h. */
#include "ifc_walk.h"

#include <string.h>
#include <sys/stat.h>

#include "../stack/base/text.h"
#include "../stack/net.h"
#include "rows.h"
#include "tree.h"

#define DIR_MODE 0555u

/* More than any interface has. */
#define NUMBER_MAX 999

uint32_t ifc_id(const struct ifc *ifc)
{
	ASSERT(net_ifc_number(ifc) <= UINT8_MAX);
	return net_ifc_serial(ifc) << 8 | net_ifc_number(ifc);
}

struct ifc *ifc_of_id(struct fs *fs, uint64_t id)
{
	struct ifc *ifc = net_ifc_from(fs->config.stack, IFC_NUMBER(id));

	return ifc != NULL && ifc_id(ifc) == id ? ifc : NULL;
}

struct ifc *node_ifc(struct fs *fs, const struct node *n)
{
	return ifc_of_id(fs, n->number);
}

node_t ifc_dir_node(void)
{
	struct node n = { .dir = DIR_IFCS_DIR };

	return node_pack(&n);
}

static node_t ifc_node(const struct ifc *ifc)
{
	struct node n = { .dir = DIR_IFC_DIR, .number = ifc_id(ifc) };

	return node_pack(&n);
}

int ifc_lookup_dir(const char *name, node_t *out)
{
	if (strcmp(name, "ipifc") != 0)
		return -ENOENT;
	*out = ifc_dir_node();
	return 0;
}

int ifc_lookup(struct fs *fs, const char *name, node_t *out)
{
	const struct ifc *ifc;
	uint64_t number;

	/* As it is listed: without zeros in front. */
	if ((name[0] == '0' && name[1] != '\0') || number_parse(&number, name, NUMBER_MAX) < 0)
		return -ENOENT;
	ifc = net_ifc_from(fs->config.stack, (unsigned)number);
	if (ifc == NULL || net_ifc_number(ifc) != number)
		return -ENOENT;
	*out = ifc_node(ifc);
	return 0;
}

bool ifc_from(struct fs *fs, unsigned *from, node_t *out)
{
	const struct ifc *ifc = net_ifc_from(fs->config.stack, *from);

	if (ifc == NULL)
		return false;
	*from = net_ifc_number(ifc);
	*out = ifc_node(ifc);
	return true;
}

int ifc_attr(struct fs *fs, const struct node *n, struct fs_attr *out)
{
	bool is_file = node_is_file(n);

	out->mode = S_IFDIR | DIR_MODE;
	out->is_lasting = n->dir == DIR_IFCS_DIR;
	if ((n->dir == DIR_IFC || n->dir == DIR_IFC_DIR) && node_ifc(fs, n) == NULL)
		return -ESTALE;
	if (!is_file)
		return 0;
	if (row_at(n->row) == NULL || row_at(n->row)->dir != n->dir)
		return -ENOENT;
	out->mode = S_IFREG | row_at(n->row)->mode;
	out->size = row_size(row_at(n->row));
	return 0;
}
