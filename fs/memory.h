/*
 * memory.h - the one place where the tree takes memory, so that a test can refuse it.
 */
#ifndef CATNET_MEMORY_H
#define CATNET_MEMORY_H

#include "../stack/base/base.h"

struct fs;

/* SIZE zeroed bytes; NULL when there is none. */
void *fs_alloc(struct fs *fs, size_t size);

/* Give back what fs_alloc gave; NULL is allowed. */
void fs_dispose(struct fs *fs, void *at);

#endif
