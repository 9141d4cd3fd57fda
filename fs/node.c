/* node.c - packing node numbers. */
#include "node.h"

#define ROW_BITS    8
#define DIR_BITS    4
#define LOOKUP_BITS 12
#define NUMBER_BITS 40

#define LOOKUP_SHIFT (ROW_BITS + DIR_BITS)
#define NUMBER_SHIFT (LOOKUP_SHIFT + LOOKUP_BITS)

#define MASK(bits) (((uint64_t)1 << (bits)) - 1)

node_t node_pack(const struct node *n)
{
	ASSERT(n->number <= MASK(NUMBER_BITS));
	ASSERT(n->lookup <= MASK(LOOKUP_BITS));
	ASSERT(n->dir <= MASK(DIR_BITS));
	return n->number << NUMBER_SHIFT | (uint64_t)n->lookup << LOOKUP_SHIFT |
		(uint64_t)n->dir << ROW_BITS | n->row;
}

struct node node_unpack(node_t packed)
{
	return (struct node){
		.number = packed >> NUMBER_SHIFT,
		.lookup = (uint16_t)(packed >> LOOKUP_SHIFT & MASK(LOOKUP_BITS)),
		.dir = (uint8_t)(packed >> ROW_BITS & MASK(DIR_BITS)),
		.row = (uint8_t)(packed & MASK(ROW_BITS)),
	};
}

bool node_is_file(const struct node *n)
{
	switch (n->dir) {
	case DIR_ROOT:
	case DIR_PROTO:
	case DIR_CONV:
	case DIR_NAMED:
	case DIR_IFCS:
	case DIR_IFC:
		return true;
	default:
		return false;
	}
}

uint64_t node_ino(node_t packed)
{
	struct node n = node_unpack(packed);

	n.lookup = 0;
	if (n.dir == DIR_PROTO)
		n.number = 0; /* there the number only extends the lookup count */
	return node_pack(&n);
}
