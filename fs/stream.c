/* stream.c - a conversation as a stream. */
#include "stream.h"

static ssize_t conv_stream_peek(
	struct stream *s, struct span *out, int max, size_t len, int *pieces)
{
	return conv_peek(s->conv, out, max, len, pieces);
}

static void conv_stream_taken(struct stream *s, size_t len)
{
	conv_taken(s->conv, len);
}

static ssize_t conv_stream_write(struct stream *s, struct buf *from, const void *at, size_t len)
{
	return conv_write(s->conv, from, at, len);
}

static unsigned conv_stream_events(const struct stream *s)
{
	return conv_events(s->conv);
}

static int conv_stream_shutdown(struct stream *s)
{
	return conv_close(s->conv);
}

static const struct stream_ops conv_stream_ops = {
	.peek = conv_stream_peek,
	.taken = conv_stream_taken,
	.write = conv_stream_write,
	.events = conv_stream_events,
	.shutdown = conv_stream_shutdown,
};

struct stream stream_of_conv(struct conv *c)
{
	return (struct stream){ .ops = &conv_stream_ops, .conv = c };
}
