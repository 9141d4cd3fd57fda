/*
 * data_ioctl.c - the ioctls of `data`, as clients/catnet_ioctl.h promises them.
 *
 * What is received is answered as a READ is: gathered from the queue behind the message's head,
 * and given up when it has reached somebody. What is sent lies in the request, like a WRITE's.
 */
#include <string.h>

#include "../clients/catnet_ioctl.h"
#include "data.h"
#include "files.h"
#include "tree.h"

/* In front of the prefix that headers mode has too. */
#define HEAD_LEN ((uint32_t)offsetof(struct catnet_message, remote))
/* And in front of the bytes. */
#define MESSAGE_LEN (HEAD_LEN + PREFIX_LEN)

_Static_assert(MESSAGE_LEN == sizeof(struct catnet_message), "the prefix is a part of it");
_Static_assert(MESSAGE_LEN <= sizeof(((struct fs *)0)->scratch), "it is answered from there");
_Static_assert(sizeof(struct catnet_queues) <= sizeof(((struct fs *)0)->scratch), "so is this");

/* --- answering -------------------------------------------------------------------------- */

/* LEN bytes at FROM are the beginning of the answer. */
static void answer_begin(struct fs *fs, const void *from, size_t len)
{
	memcpy(fs->scratch, from, len);
	fs->spans[0] = (struct span){ (const uint8_t *)fs->scratch, (uint32_t)len };
}

static void answer_all(struct fs *fs, const void *from, size_t len)
{
	answer_begin(fs, from, len);
	fs->pieces = 1;
}

/* --- receiving -------------------------------------------------------------------------- */

static int begin_message(struct fid *f, struct req *r, uint32_t known)
{
	struct catnet_message m;

	memcpy(&m, r->at, MESSAGE_LEN);
	if ((m.flags & ~known) || m.reserved != 0) {
		life_failed(f->life, -EINVAL, "ioctl data: flags that this server does not know");
		return -EINVAL;
	}
	r->nonblock = (m.flags & CATNET_DONTWAIT) || (f->nonblock && !(m.flags & CATNET_WAIT));
	r->takes = !(m.flags & CATNET_PEEK);
	return 0;
}

/* Of what it brings only the flags count, so it can wait with nothing in its hands. */
static int receive_begin(struct fid *f, struct req *r)
{
	int err = begin_message(f, r, CATNET_PEEK | CATNET_DONTWAIT | CATNET_WAIT);

	r->room -= MESSAGE_LEN;
	if (err < 0)
		return err;
	buf_drop(r->buf);
	r->buf = NULL;
	r->at = NULL;
	r->len = 0;
	return 0;
}

static void put_endpoint(uint8_t addr[16], uint16_t *port, const struct endpoint *e)
{
	const uint8_t bytes[2] = { (uint8_t)(e->port >> 8), (uint8_t)e->port };

	memcpy(addr, e->addr.b, 16);
	memcpy(port, bytes, 2);
}

/* The stream is over, or its error: nothing is taken. */
static ssize_t receive_none(struct fid *f, struct req *r, ssize_t n)
{
	const struct catnet_message end = { .flags = CATNET_END };

	if (n < 0)
		n = data_tell_error(f, r, n);
	r->takes = false;
	if (n == 0)
		answer_all(f->fs, &end, MESSAGE_LEN);
	return n;
}

/* N bytes were peeked, behind the first of the spans: put in front whose they are. */
static ssize_t receive_some(struct fid *f, const struct conv_datagram *d, ssize_t n)
{
	struct catnet_message m = { .len = (uint32_t)d->len };

	f->fs->pieces++;
	if (f->life->has_headers) {
		answer_begin(f->fs, &m, HEAD_LEN);
		return n - PREFIX_LEN;
	}
	put_endpoint(m.remote, &m.remote_port, &d->remote);
	put_endpoint(m.local, &m.local_port, &d->local);
	memcpy(m.interface, d->interface.b, 16);
	answer_begin(f->fs, &m, MESSAGE_LEN);
	return n;
}

static ssize_t receive(struct fid *f, struct req *r)
{
	struct fs *fs = f->fs;
	struct stream *s = &f->life->stream;
	size_t prefix = f->life->has_headers ? PREFIX_LEN : 0;
	struct conv_datagram d = { .len = 0 };
	int kind = conv_datagram(s->conv, &d);
	ssize_t n;

	if (kind == -EOPNOTSUPP) {
		d.remote = *conv_remote(s->conv);
		d.local = *conv_local(s->conv);
		if (r->room == 0) /* as a read of no bytes */
			return receive_some(f, &d, 0);
	}
	n = s->ops->peek(s, fs->spans + 1, FS_SPANS_MAX - 1, r->room + prefix, &fs->pieces);
	if (n == -EAGAIN)
		return FS_PARK;
	if (kind == -EOPNOTSUPP && n > 0)
		d.len = (size_t)n;
	if (n > 0 || (n == 0 && kind == 0))
		return receive_some(f, &d, n);
	return receive_none(f, r, n);
}

/* --- sending ---------------------------------------------------------------------------- */

/* From here on AT is the prefix, and behind it the bytes. */
static int send_begin(struct fid *f, struct req *r)
{
	int err = begin_message(f, r, CATNET_DONTWAIT | CATNET_WAIT);

	r->takes = false;
	r->at += HEAD_LEN;
	r->len -= HEAD_LEN;
	return err;
}

/* Without headers there is one to send to, who may be named. */
static bool names_another(const struct fid *f, const struct req *r)
{
	struct endpoint to = { .port = (uint16_t)(r->at[48] << 8 | r->at[49]) };

	memcpy(to.addr.b, r->at, 16);
	return !addr_is_any(&to.addr) && !endpoint_equal(&to, conv_remote(f->life->conv));
}

static ssize_t give(struct fid *f, struct req *r)
{
	ssize_t n;

	if (!f->life->has_headers && r->done == 0) {
		if (names_another(f, r)) {
			life_failed(f->life, -EISCONN,
				"write data: this one sends to its peer alone; name that, or "
				"nobody");
			return -EISCONN;
		}
		r->done = PREFIX_LEN;
	}
	n = data_write(f, r);
	return n < 0 ? n : n - PREFIX_LEN;
}

/* --- asking ----------------------------------------------------------------------------- */

static int take_error(struct fid *f)
{
	struct life *l = f->life;
	int err = conv_error(l->conv);

	if (data_owes_error(f)) {
		f->told = l->attempts + 1;
		return err;
	}
	err = conv_take_report(l->conv);
	if (err < 0)
		data_note_report(l, err);
	return err;
}

static ssize_t error(struct fid *f, struct req *r)
{
	int32_t number = -take_error(f);

	(void)r;
	answer_all(f->fs, &number, sizeof(number));
	return 0;
}

/* A program may know less of the struct than we do, or more. */
static ssize_t queues(struct fid *f, struct req *r)
{
	struct conv_queues q;
	struct catnet_queues all;
	size_t len = min_size(r->room, sizeof(all));

	conv_queues(f->life->stream.conv, &q);
	all = (struct catnet_queues){ .in = q.in, .out = q.out, .unsent = q.unsent };
	answer_all(f->fs, &all, len);
	return (ssize_t)len;
}

/* --- the table -------------------------------------------------------------------------- */

#define NUMBER(direction, n) _IOC(direction, CATNET_IOCTL, n, 0)

/* clang-format off */
const struct ioctl data_ioctls[] = {
	{ NUMBER(_IOC_READ | _IOC_WRITE, 1), .least = MESSAGE_LEN, .needs = FS_OPEN_READ, .waits = CONV_IN, .begin = receive_begin, .run = receive },
	{ NUMBER(_IOC_WRITE, 2), .least = MESSAGE_LEN, .head = PREFIX_LEN, .needs = FS_OPEN_WRITE, .waits = CONV_OUT, .begin = send_begin, .run = give },
	{ NUMBER(_IOC_READ, 3), .least = sizeof(int32_t), .run = error },
	{ NUMBER(_IOC_READ, 4), .least = sizeof(uint64_t), .run = queues },
	{ 0 },
};
/* clang-format on */

/* Which of the file's ioctls is it? NULL: none of them. */
static const struct ioctl *ioctl_of(const struct file_row *row, uint32_t command)
{
	const struct ioctl *i = row->ioctls;

	while (i != NULL && i->run != NULL && i->command != (command & ~(uint32_t)IOCSIZE_MASK))
		i++;
	return i == NULL || i->run == NULL ? NULL : i;
}

int ioctl_begin(struct fid *f, struct req *r)
{
	const struct ioctl *i = ioctl_of(f->row, r->command);
	unsigned direction = _IOC_DIR(r->command);

	if (i == NULL)
		return -ENOTTY;
	if ((f->open & i->needs) != i->needs)
		return -EBADF;
	if (((direction & _IOC_WRITE) && r->len < i->least) ||
		((direction & _IOC_READ) && r->room < i->least))
		return -EINVAL;
	r->ioctl = i;
	return i->begin == NULL ? 0 : i->begin(f, r);
}
