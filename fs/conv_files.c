/* conv_files.c - the files of a conversation: clone ctl data listen accept err local remote
 * status stats. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "allow.h"
#include "files.h"
#include "json.h"
#include "tree.h"

/*
 * A READ that is longer than 255 pages may be the first part of a longer read(2): the kernel
 * sends the next part when this one comes back full, and if that waits, so do the bytes that
 * are here already. So such a READ is never filled. (A kernel's request has 256 pages.)
 */
#define READ_WHOLE_MAX ((size_t)255 * 4096)

/* --- clone, ctl, listen ------------------------------------------------------------------ */

/*
 * Opened for writing, the file is what keeps the conversation. Opened only for reading, as by
 * $(cat clone), it is closed before anybody can use the number, so that is reserved.
 */
static int begin_life(struct fid *f, struct life *l, const struct cred *charged)
{
	int err = 0;

	fid_attach(f, l);
	if (!(f->open & FS_OPEN_WRITE))
		err = life_reserve(l, charged, RESERVATION_US);
	return err;
}

ssize_t clone_open(struct fid *f, struct req *r)
{
	struct life *l;
	int err = life_new_idle(f->fs, fid_proto(f), &r->caller, &l);

	return err < 0 ? err : begin_life(f, l, &r->caller);
}

/* `exec 3<>ctl` takes a reserved conversation over: from here on it lives by its files. */
ssize_t live_open(struct fid *f, struct req *r)
{
	(void)r;
	if (f->open == (FS_OPEN_READ | FS_OPEN_WRITE) && f->life->is_reserved)
		life_unreserve(f->life);
	return 0;
}

/* The oldest call, which becomes WHO's; -EAGAIN while none waits, -ECONNABORTED when none
 * can come any more, -EINVAL when none was asked for. */
static int take_call(struct life *l, const struct cred *who, struct life **out)
{
	struct conv *conv = l->is_announced ? conv_accept(l->conv) : NULL;

	if (conv != NULL) {
		conv_set_owner(conv, who);
		*out = life_new(l->fs, conv);
		return *out == NULL ? -ENOMEM : 0;
	}
	if (!l->is_announced)
		return -EINVAL;
	switch (life_phase(l)) {
	case PHASE_ANNOUNCED:
		return -EAGAIN;
	case PHASE_OVER:
		return -ECONNABORTED;
	case PHASE_IDLE:
	case PHASE_CONNECTING:
	case PHASE_UP: /* with headers it serves all itself */
		break;
	}
	return -EINVAL;
}

ssize_t listen_open(struct fid *f, struct req *r)
{
	struct life *listener = f->life;
	struct life *call;
	int err = take_call(listener, &r->caller, &call);

	if (err == -EAGAIN)
		return FS_PARK;
	if (err == -EINVAL)
		life_failed(listener, err, "listen: nothing is announced here");
	else if (err < 0)
		life_failed_plainly(listener, "listen", err);
	/* The call was asked for from outside; it must not fail for a quota of this user. */
	return err < 0 ? err : begin_life(f, call, NULL);
}

/* Text that is read once, then the end until a write rewinds it. */
static ssize_t read_text(struct fid *f, const struct req *r, const char *text, size_t text_len)
{
	size_t len = min_size(text_len - min_size(f->cursor, text_len), r->len);

	if (len == 0)
		return 0;
	f->fs->spans[0] = (struct span){ (const uint8_t *)text + f->cursor, (uint32_t)len };
	f->fs->pieces = 1;
	return (ssize_t)len;
}

ssize_t ctl_read(struct fid *f, struct req *r)
{
	char *at = f->fs->scratch;
	int len = snprintf(at, sizeof(f->fs->scratch), "%" PRIu64 "\n", f->life->number);

	return read_text(f, r, at, (size_t)len);
}

void ctl_taken(struct fid *f, size_t len)
{
	f->cursor += (uint32_t)len;
}

/* --- data -------------------------------------------------------------------------------- */

/* What ICMP said of a datagram ended nothing; err keeps it all the same. */
static void note_report(struct life *l, ssize_t err)
{
	char remote[ENDPOINT_TEXT_MAX];

	if (err == -ENOTCONN || err == -EINVAL)
		return;
	endpoint_format(conv_remote(l->conv), remote);
	life_failed_plainly(l, remote, (int)err);
}

/*
 * What ended the stream is told to all who wait, then once to each open, and then it is the
 * end; what is not such an error (not connected, announced) is the answer each time.
 */
static ssize_t tell_error(struct fid *f, const struct req *r, ssize_t err)
{
	uint32_t attempt = f->life->attempt + 1;

	if (err != conv_error(f->life->conv)) {
		note_report(f->life, err);
		return err;
	}
	if (f->told == attempt && !r->resumed)
		return 0;
	f->told = attempt;
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
	return n < 0 ? tell_error(f, r, n) : 0;
}

void data_taken(struct fid *f, size_t len)
{
	f->life->stream.ops->taken(&f->life->stream, len);
}

/* The prefix of a datagram in headers mode (tree.md section 3). */
#define PREFIX_LEN 52

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
static ssize_t write_failed(struct fid *f, ssize_t err)
{
	if (err == conv_error(f->life->conv))
		return err;
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
			return write_failed(f, err);
	}
	while (r->done < r->len) {
		ssize_t n = s->ops->write(s, r->buf, r->at + r->done, r->len - r->done);

		if (n == -EAGAIN)
			return FS_PARK;
		if (n < 0)
			return write_failed(f, n);
		ASSERT(n > 0);
		r->done += (size_t)n;
	}
	return (ssize_t)r->len;
}

/* --- accept ------------------------------------------------------------------------------ */

/* Take a call and put its line where reads of any size can get it. */
static int accept_call(struct fid *f, const struct req *r)
{
	char who[ENDPOINT_TEXT_MAX];
	struct life *call;
	int err = take_call(f->life, &r->caller, &call);

	if (err < 0)
		return err;
	life_reserve(call, NULL, RESERVATION_US);
	endpoint_format(conv_remote(call->conv), who);
	if (fid_text(f) != NULL)
		page_printf(f->text, "%" PRIu64 " %s\n", call->number, who);
	if (f->text != NULL && !f->text->has_failed)
		return 0;
	fid_text_free(f);
	life_unreserve(call);
	life_settle(call);
	return -ENOMEM;
}

ssize_t accept_read(struct fid *f, struct req *r)
{
	if (f->text == NULL) {
		int err = accept_call(f, r);

		if (err == -EAGAIN)
			return FS_PARK;
		/* After hangup or close no more calls come: the end, for a loop that reads. */
		if (err == -ECONNABORTED)
			return 0;
		if (err == -EINVAL)
			life_failed(f->life, err, "accept: nothing is announced here");
		if (err < 0)
			return err;
	}
	return read_text(f, r, f->text->at, f->text->len);
}

void accept_taken(struct fid *f, size_t len)
{
	f->cursor += (uint32_t)len;
	if (f->cursor < f->text->len)
		return;
	fid_text_free(f);
	f->cursor = 0;
}

/* --- err, local, remote, status, stats ---------------------------------------------------- */

int err_tell(struct fid *f, struct page *out)
{
	if (f->life->err != NULL) {
		page_words(out, f->life->err);
		page_words(out, "\n");
	}
	return out->has_failed ? -ENOMEM : 0;
}

static int endpoint_tell(const struct endpoint *e, struct page *out)
{
	char at[ENDPOINT_TEXT_MAX];

	endpoint_format(e, at);
	page_words(out, at);
	page_words(out, "\n");
	return out->has_failed ? -ENOMEM : 0;
}

int local_tell(struct fid *f, struct page *out)
{
	return endpoint_tell(conv_local(f->life->conv), out);
}

int remote_tell(struct fid *f, struct page *out)
{
	return endpoint_tell(conv_remote(f->life->conv), out);
}

/*
 * Everybody may read status. Sequence numbers would help whoever wants to forge a segment, so
 * they are for the owner's stats; what other files tell is not told again.
 */
static bool is_for_status(const char *key)
{
	static const char *const kept_back[] = { "proto", "number", "name", "uid", "gid", "pid",
		"state", "local", "remote", "snd_una", "snd_nxt", "snd_wl1", "snd_wl2", "rcv_nxt",
		"iss", "irs", "snd_max" };

	for (size_t i = 0; i < ARRAY_LEN(kept_back); i++) {
		if (strcmp(kept_back[i], key) == 0)
			return false;
	}
	return true;
}

int status_tell(struct fid *f, struct page *out)
{
	struct line_describer line;

	page_words(out, conv_state_name(f->life->conv));
	line_describer_init(&line, out, is_for_status);
	conv_describe(f->life->conv, &line.d);
	page_words(out, "\n");
	return out->has_failed ? -ENOMEM : 0;
}

int conv_stats_tell(struct fid *f, struct page *out)
{
	const struct life *l = f->life;
	struct json_describer j;

	json_begin(&j);
	conv_describe(l->conv, &j.d);
	j.d.text(&j.d, "name", l->name == NULL ? "" : l->name->text);
	/* Ours knows what was being done, so it takes the place of the stack's own. */
	if (l->err != NULL) {
		j.d.open(&j.d, "last_error");
		j.d.number(&j.d, "errno", (uint64_t)-l->err_number);
		j.d.text(&j.d, "text", l->err);
		j.d.close(&j.d);
	}
	return json_end(&j, out);
}
