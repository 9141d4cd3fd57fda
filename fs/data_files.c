/* data_files.c - `data`: the bytes of a conversation (tree.md section 5). */
#include <string.h>

#include "allow.h"
#include "data.h"
#include "files.h"
#include "tree.h"

/*
 * A READ that is longer than 255 pages may be the first part of a longer read(2): the kernel
 * sends the next part when this one comes back full, and if that waits, so do the bytes that
 * are here already. So such a READ is never filled. (A kernel's request has 256 pages.)
 */
#define READ_WHOLE_MAX ((size_t)255 * 4096)

/* --- reading ---------------------------------------------------------------------------- */

/* What ICMP said of a datagram ended nothing; err keeps it all the same. */
void data_note_report(struct life *l, ssize_t err)
{
	char remote[ENDPOINT_TEXT_MAX];

	if (err == -ENOTCONN) {
		life_failed(l, (int)err, "read data: not connected; connect it first");
		return;
	}
	if (err == -EINVAL) {
		life_failed(l, (int)err,
			"read data: this one only takes calls; read the data of a call");
		return;
	}
	endpoint_format(conv_remote(l->conv), remote);
	life_failed_plainly(l, remote, (int)err);
}

bool data_owes_error(const struct fid *f)
{
	const struct life *l = f->life;
	uint32_t attempt = l->attempts + 1;

	return conv_error(l->conv) < 0 && f->told != attempt && l->told != attempt;
}

/*
 * What ended the stream is told to all who wait, then once to each open, and then it is the
 * end; what is not such an error (not connected, announced) is the answer each time. Of an attempt
 * to connect those are told in the same way who have not seen it fail, and then it is idle again.
 */
ssize_t data_tell_error(struct fid *f, const struct req *r, ssize_t err)
{
	struct life *l = f->life;

	if (err != conv_error(l->conv)) {
		data_note_report(l, err);
		return err;
	}
	if (!data_owes_error(f) && !r->resumed)
		return conv_is_idle(l->conv) ? -ENOTCONN : 0;
	f->told = l->attempts + 1;
	return err;
}

ssize_t data_read(struct fid *f, struct req *r)
{
	struct fs *fs = f->fs;
	struct stream *s = &f->life->stream;
	size_t len = r->len > READ_WHOLE_MAX ? r->len - 1 : r->len;
	ssize_t n;

	if (len == 0)
		return 0;
	n = s->ops->peek(s, fs->spans, FS_SPANS_MAX, len, &fs->pieces);
	if (n == -EAGAIN)
		return FS_PARK;
	if (n > 0)
		return n;
	fs->pieces = 0;
	return n < 0 ? data_tell_error(f, r, n) : 0;
}

void data_taken(struct fid *f, size_t len)
{
	f->life->stream.ops->taken(&f->life->stream, len);
}

/* --- writing ---------------------------------------------------------------------------- */

static int allow_datagram(struct fid *f, const struct req *r)
{
	const uint8_t *at = r->at;
	struct endpoint remote;
	struct endpoint local;

	if (r->len < PREFIX_LEN)
		return -EINVAL;
	memcpy(remote.addr.b, at, 16);
	memcpy(local.addr.b, at + 16, 16);
	remote.port = (uint16_t)(at[48] << 8 | at[49]);
	local.port = (uint16_t)(at[50] << 8 | at[51]);
	return allow(
		f->fs, &f->opener, &r->caller, ACT_SEND, f->life->proto->proto, &local, &remote);
}

/* -EINVAL, in words that say what to write instead. */
static const char *what_to_write(const struct life *l)
{
	if (l->has_headers)
		return "write data: expected a prefix of 52 bytes that says to whom";
	if (l->is_announced)
		return "write data: this one only takes calls; write to the data of a call";
	if (strcmp(proto_name(l->proto->proto), "icmp") == 0)
		return "write data: expected an echo request: type 8, code 0, in all 8 bytes or "
		       "more";
	return "write data: there is nobody to send to";
}

/* What ended the conversation is in err already; what only this write did is not. */
ssize_t data_write_failed(struct fid *f, const struct req *r, ssize_t err)
{
	if (err == conv_error(f->life->conv))
		return conv_is_idle(f->life->conv) ? data_tell_error(f, r, err) : err;
	if (err == -EINVAL)
		life_failed(f->life, (int)err, what_to_write(f->life));
	else
		life_failed_plainly(f->life, "write data", (int)err);
	return err;
}

ssize_t data_write(struct fid *f, struct req *r)
{
	struct stream *s = &f->life->stream;

	if (f->life->has_headers) {
		int err = allow_datagram(f, r);

		if (err < 0)
			return data_write_failed(f, r, err);
	}
	/* A datagram may have no bytes. */
	do {
		ssize_t n = s->ops->write(s, r->buf, r->at + r->done, r->len - r->done);

		if (n == -EAGAIN)
			return FS_PARK;
		if (n < 0)
			return data_write_failed(f, r, n);
		ASSERT(n > 0 || r->done == r->len);
		r->done += (size_t)n;
	} while (r->done < r->len);
	return (ssize_t)r->len;
}
