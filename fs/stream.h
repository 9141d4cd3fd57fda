/*
 * stream.h - what the `data` files talk to.
 *
 * A conversation is the first implementation; a layer pushed on top of one (TLS) is another,
 * so the rows never call a conversation for bytes themselves. The contracts are conv.h's.
 */
#ifndef CATNET_STREAM_H
#define CATNET_STREAM_H

#include "../stack/conv.h"

struct stream;

struct stream_ops {
	ssize_t (*peek)(struct stream *s, struct span *out, int max, size_t len, int *pieces);
	void (*taken)(struct stream *s, size_t len);
	ssize_t (*write)(struct stream *s, struct buf *from, const void *at, size_t len);
	unsigned (*events)(const struct stream *s); /* enum conv_event */
	int (*shutdown)(struct stream *s);          /* nothing more will be written */
};

struct stream {
	const struct stream_ops *ops;
	struct conv *conv; /* at the bottom */
};

/* The stream that is C itself. */
struct stream stream_of_conv(struct conv *c);

static inline unsigned stream_events(const struct stream *s)
{
	return s->ops->events(s);
}

#endif
