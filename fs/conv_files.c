/* conv_files.c - the files of a conversation but `data`: clone ctl listen accept err local remote
 * status stats. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "files.h"
#include "holders.h"
#include "json.h"
#include "opener.h"
#include "tree.h"

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
	if (f->open == (FS_OPEN_READ | FS_OPEN_WRITE) && f->life->reservation != NULL)
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

ssize_t read_once(struct fid *f, const struct req *r, const char *text, size_t text_len)
{
	size_t len = min_size(text_len - min_size(f->cursor, text_len), r->len);

	if (len == 0)
		return 0;
	f->fs->spans[0] = (struct span){ (const uint8_t *)text + f->cursor, (uint32_t)len };
	f->fs->pieces = 1;
	return (ssize_t)len;
}

/* Its number, which is all that it has to say, into the scratch. */
size_t ctl_text_len(const struct fid *f)
{
	struct fs *fs = f->fs;
	int len = snprintf(fs->scratch, sizeof(fs->scratch), "%" PRIu64 "\n", f->life->number);

	return (size_t)len;
}

ssize_t ctl_read(struct fid *f, struct req *r)
{
	size_t len = ctl_text_len(f);

	return read_once(f, r, f->fs->scratch, len);
}

void ctl_taken(struct fid *f, size_t len)
{
	f->cursor += (uint32_t)len;
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
	return read_once(f, r, f->text->at, f->text->len);
}

void accept_taken(struct fid *f, size_t len)
{
	f->cursor += (uint32_t)len;
	if (f->cursor < f->text->len)
		return;
	fid_text_free(f);
	f->cursor = 0;
}

/* Its mode lets a shell open it both ways; there is nothing to say to it. */
ssize_t accept_write(struct fid *f, struct req *r)
{
	(void)r;
	life_failed(f->life, -EINVAL, "write accept: it only tells of calls; commands go to ctl");
	return -EINVAL;
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

/* The kernel tells of a thread; its process is what somebody would look for, while it is there. */
static int32_t maker_of(const struct life *l)
{
	const struct opener *o = l->fs->config.opener;
	int32_t pid = conv_owner(l->conv)->pid;
	struct process process;

	if (o == NULL || pid <= 0 || o->look(o->arg, pid, &process) < 0)
		return pid;
	return process.pid;
}

static void tell_timeouts(const struct life *l, struct describer *d)
{
	d->open(d, "timeouts");
	d->number(d, "connect_us", l->timeout_s[TIMEOUT_CONNECT] * USEC_PER_SEC);
	d->number(d, "read_us", l->timeout_s[TIMEOUT_READ] * USEC_PER_SEC);
	d->number(d, "write_us", l->timeout_s[TIMEOUT_WRITE] * USEC_PER_SEC);
	d->close(d);
}

/* Who holds it (tree.md section 4), but for its name. */
static void tell_holders(const struct life *l, struct describer *d)
{
	d->number(d, "open_files", l->holding);
	d->truth(d, "reserved", l->reservation != NULL);
	if (l->reservation != NULL && l->reservation->keep_us != USEC_NEVER)
		d->number(d, "keep_us", l->reservation->keep_us);
	if (l->holder != NULL)
		d->number(d, "held_by", (uint64_t)l->holder->pid);
}

int conv_stats_tell(struct fid *f, struct page *out)
{
	const struct life *l = f->life;
	struct json_describer j;

	json_begin(&j);
	conv_describe(l->conv, &j.d);
	j.d.number(&j.d, "pid", (uint64_t)maker_of(l));
	tell_timeouts(l, &j.d);
	tell_holders(l, &j.d);
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
