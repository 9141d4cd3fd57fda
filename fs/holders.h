/*
 * holders.h - processes that hold conversations (tree.md section 4, rule 4).
 *
 * One descriptor stands for a process, however many conversations it holds: a shell with ten
 * thousand takes one. It is there for as long as one of them is.
 */
#ifndef CATNET_HOLDERS_H
#define CATNET_HOLDERS_H

#include "../stack/base/list.h"
#include "../stack/base/text.h"
#include "../stack/conv.h"
#include "table.h"

struct fs;
struct life;
struct user;

/* Processes, where the program does not say how many descriptors there are. */
#define HOLDERS_DEFAULT 512
/* More than a host has, as a rule. */
#define HOLDERS_MAX 65536
/* Of them one user but root has no more than one in so many. */
#define HOLDER_SHARES 2

struct holder {
	struct entry entry;   /* by its number, until it has ended */
	struct list lives;    /* struct life, by of_holder */
	struct list ended;    /* among those whose lives are to be let go */
	struct user *charged; /* who had it hold first */
	int32_t pid;
	int fd; /* -1: it has ended */
};

/*
 * Have L held by the process PID (0: the one that WHO writes from), in the place of a reservation
 * and of a process before it. 0, -ESRCH, -EPERM, -EMFILE, -EDQUOT, -ENOMEM, WHY in words.
 */
int holder_take(struct life *l, const struct cred *who, int32_t pid, struct text *why);

/* L is held by its process no more. */
void holder_leave(struct life *l);

/* Let go what processes that have ended held, at most BUDGET. True when there is more. */
bool holders_pump(struct fs *fs, unsigned budget);

void holders_free(struct fs *fs);

#endif
