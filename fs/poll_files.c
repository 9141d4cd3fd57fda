/* poll_files.c - poll(2)'s events of each file and state (tree.md section 5), and who is told
 * when they change. */
#include <poll.h>

#include "data.h"
#include "files.h"
#include "tree.h"

#define READABLE (POLLIN | POLLRDNORM)
#define WRITABLE (POLLOUT | POLLWRNORM)

static unsigned data_over(const struct fid *f)
{
	unsigned events = READABLE | WRITABLE | POLLHUP | POLLRDHUP;

	return data_owes_error(f) ? events | POLLERR : events;
}

/* Nobody to speak with, yet or any more; a read only tells why. */
static unsigned data_idle(const struct fid *f)
{
	unsigned events = WRITABLE | POLLHUP;

	return data_owes_error(f) ? events | READABLE | POLLERR : events;
}

static unsigned data_up(const struct fid *f)
{
	unsigned has = stream_events(&f->life->stream);
	unsigned events = 0;

	if (has & CONV_IN)
		events |= READABLE;
	if (has & CONV_OUT)
		events |= WRITABLE;
	if (has & CONV_PEER_END)
		events |= POLLRDHUP;
	if (has & CONV_REPORT)
		events |= POLLERR;
	if (f->life->is_closed)
		events |= POLLHUP;
	return events;
}

unsigned data_poll(struct fid *f)
{
	switch (life_phase(f->life)) {
	case PHASE_IDLE:
		return data_idle(f);
	case PHASE_ANNOUNCED:
		return conv_events(f->life->conv) & CONV_CALL ? READABLE : 0;
	case PHASE_CONNECTING:
		return 0;
	case PHASE_UP:
		return data_up(f);
	case PHASE_OVER:
		return data_over(f);
	}
	return POLLNVAL;
}

unsigned ctl_poll(struct fid *f)
{
	unsigned events = 0;

	if (life_phase(f->life) != PHASE_CONNECTING)
		events |= WRITABLE;
	if (f->cursor < ctl_text_len(f))
		events |= READABLE;
	if (life_phase(f->life) == PHASE_OVER)
		events |= POLLHUP;
	return events;
}

unsigned accept_poll(struct fid *f)
{
	unsigned has = conv_events(f->life->conv);
	unsigned events = 0;

	if ((has & CONV_CALL) || f->text != NULL)
		events |= READABLE;
	/* A read would be refused, or be the end. */
	if (life_phase(f->life) != PHASE_ANNOUNCED)
		events |= f->life->is_announced ? READABLE | POLLHUP : POLLHUP;
	return events;
}

/* --- who is told ------------------------------------------------------------------------- */

void poll_changed(struct life *l)
{
	list_splice(&l->to_tell, &l->polled);
	if (!list_is_empty(&l->to_tell))
		park_due(l);
}

/* Each has then been told of all that came before; of more he is told anew. */
void poll_tell(struct life *l, unsigned *budget)
{
	while (*budget > 0 && !list_is_empty(&l->to_tell)) {
		struct fid *f = CONTAINER_OF(l->to_tell.next, struct fid, of_life);

		(*budget)--;
		list_remove(&f->of_life);
		list_append(&l->polled, &f->of_life);
		fid_notify(f);
	}
}

/* Whoever has been told already, or is about to be, is told as before. */
static void keep_token(struct fid *f, void *token)
{
	if (f->token != NULL)
		f->session->token_free(f->session, f->token);
	else if (f->life != NULL) {
		list_remove(&f->of_life);
		list_append(&f->life->polled, &f->of_life);
	}
	f->token = token;
}

unsigned fs_poll_file(struct fs *fs, struct session *from, uint64_t handle, void *token)
{
	struct fid *f = fid_find(fs, handle);
	bool changes = f != NULL && f->row->poll != NULL;

	/* Of a table there is nothing to tell, and who looks at another's conversation must not
	 * make each of its changes dearer. */
	if (token != NULL && !changes)
		from->token_free(from, token);
	else if (token != NULL)
		keep_token(f, token);
	if (f == NULL)
		return POLLNVAL;
	if (changes)
		return f->row->poll(f);
	return f->row->write != NULL ? READABLE | WRITABLE : READABLE;
}
