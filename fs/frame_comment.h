/*
 * frame_comment.h - what a capture says of a frame: whose it is.
 */
#ifndef CATNET_FRAME_COMMENT_H
#define CATNET_FRAME_COMMENT_H

#include "../stack/base/base.h"

struct fs;
struct stack;

/* Whose an Ethernet frame is that comes in or goes out: `tcp 7 "web" Established`, at most CAP
 * bytes to TO. How many; 0 when nobody knows. FS may be NULL: then names are not known. Only looks.
 */
size_t frame_comment(const struct stack *stack, struct fs *fs, const uint8_t *frame, size_t len,
	bool is_in, char *to, size_t cap);

#endif
