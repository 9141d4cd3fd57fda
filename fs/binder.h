/*
 * binder.h - what the tree asks of the program about devices: to bind one while the server runs,
 * and to let go of it.
 */
#ifndef CATNET_BINDER_H
#define CATNET_BINDER_H

#include "../stack/base/base.h"

struct binder {
	/* The TAP NAME becomes the stack's interface NUMBER, which no device has. 0, or -errno with
	 * WHY, of WHY_LEN bytes, saying what is wrong and how it is mended. */
	int (*bind)(void *arg, unsigned number, const char *name, char *why, size_t why_len);
	/* And no longer. 0, or -EBUSY: it was not bound so. */
	int (*unbind)(void *arg, unsigned number);
	void *arg;
};

#endif
