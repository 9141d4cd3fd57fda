/*
 * list.h - a doubly linked ring threaded through the things it holds.
 *
 * A node that is in no list points at itself, so list_remove may be called twice. The list
 * owns nothing; who puts a thing in takes it out before the thing dies.
 */
#ifndef CATNET_LIST_H
#define CATNET_LIST_H

#include "base.h"

struct list {
	struct list *prev;
	struct list *next;
};

/* Make an empty list, or a node that is in none. */
static inline void list_init(struct list *l)
{
	l->prev = l;
	l->next = l;
}

static inline bool list_is_empty(const struct list *l)
{
	return l->next == l;
}

/* Is this node in some list? */
static inline bool list_is_linked(const struct list *node)
{
	return node->next != node;
}

/* Put NODE, which must be in no list, at the end of L. */
static inline void list_append(struct list *l, struct list *node)
{
	ASSERT(!list_is_linked(node));
	node->prev = l->prev;
	node->next = l;
	l->prev->next = node;
	l->prev = node;
}

/* Put NODE, which must be in no list, at the front of L. */
static inline void list_prepend(struct list *l, struct list *node)
{
	list_append(l->next, node);
}

/* Take NODE out of its list, if it is in one. */
static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

/* Move all of FROM to the end of TO, in order; FROM is then empty. */
static inline void list_splice(struct list *to, struct list *from)
{
	if (list_is_empty(from))
		return;
	from->next->prev = to->prev;
	from->prev->next = to;
	to->prev->next = from->next;
	to->prev = from->prev;
	list_init(from);
}

/* Walk L; the node AT may be removed by the body. */
#define LIST_EACH(at, l)                                                    \
	for (struct list *at = (l)->next, *at##_next = at->next; at != (l); \
		at = at##_next, at##_next = at->next)

#endif
