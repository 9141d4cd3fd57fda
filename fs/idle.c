/* idle.c - nodes that are handed out again. */
#include "idle.h"

#include "tree.h"

#define OPENS_LOOKED_AT 8

static struct idle_node *place_of(struct life *l, const struct node *n)
{
	return &l->idle[n->row % IDLE_NODES];
}

static bool is_at(const struct idle_node *at, const struct node *n)
{
	return at->dir == n->dir && at->row == n->row;
}

/* Whoever has opened /proc/self/fd/N has done so without a LOOKUP. With many open files that is
 * not looked for: the node is not handed out again. */
static bool is_open(const struct life *l, node_t node)
{
	const struct list *all[] = { &l->opens, &l->polled, &l->to_tell };
	unsigned seen = 0;

	for (unsigned i = 0; i < ARRAY_LEN(all); i++) {
		LIST_EACH(at, all[i])
		{
			if (CONTAINER_OF(at, struct fid, of_life)->node == node ||
				++seen == OPENS_LOOKED_AT)
				return true;
		}
	}
	return false;
}

void idle_give(struct fs *fs, uint32_t uid, node_t node)
{
	struct node n = node_unpack(node);
	struct life *l = node_life(fs, &n);

	if (l != NULL && !is_open(l, node))
		*place_of(l, &n) = (struct idle_node){ uid, n.lookup, n.row, n.dir };
}

bool idle_take(struct fs *fs, uint32_t uid, struct node *n)
{
	struct life *l = node_life(fs, n);
	struct idle_node *at;

	if (l == NULL)
		return false;
	at = place_of(l, n);
	if (!is_at(at, n) || at->uid != uid)
		return false;
	n->lookup = at->lookup;
	at->dir = DIR_NONE;
	return true;
}

void idle_forget(struct fs *fs, const struct node *n)
{
	struct life *l = node_life(fs, n);
	struct idle_node *at = l == NULL ? NULL : place_of(l, n);

	if (at != NULL && is_at(at, n) && at->lookup == n->lookup)
		at->dir = DIR_NONE;
}
