/* lives.c - who holds a conversation, and its end. */
#include "lives.h"

#include <string.h>

#include "../stack/base/hash.h"
#include "allow.h"
#include "holders.h"
#include "tree.h"

/* Every protocol of the stack has a directory. */
static struct fs_proto *proto_of(struct fs *fs, const struct conv *conv)
{
	unsigned i = 0;

	while (fs->protos[i].proto != conv_proto(conv)) {
		i++;
		ASSERT(i < fs->protos_n);
	}
	return &fs->protos[i];
}

static void reservation_over(void *arg, struct timer *t)
{
	struct life *l = CONTAINER_OF(t, struct reservation, expiry)->life;

	(void)arg;
	life_unreserve(l);
	life_settle(l);
}

static void life_init(struct life *l, struct fs *fs, struct conv *conv)
{
	l->magic = LIFE_MAGIC;
	l->fs = fs;
	l->proto = proto_of(fs, conv);
	l->conv = conv;
	l->stream = stream_of_conv(conv);
	l->number = conv_number(conv);
	l->dir_mode = 0555;
	for (unsigned i = 0; i < rows_n(); i++) {
		if (row_at(i)->dir == DIR_CONV)
			l->modes[row_in_conv(i)] = row_at(i)->mode;
	}
	list_init(&l->opens);
	list_init(&l->polled);
	list_init(&l->to_tell);
	list_init(&l->due);
	list_init(&l->of_holder);
	for (unsigned i = 0; i < WAITS; i++)
		list_init(&l->waits[i]);
}

struct life *life_new(struct fs *fs, struct conv *conv)
{
	struct life *l = fs_alloc(fs, sizeof(*l));

	if (l == NULL) {
		conv_release(conv);
		return NULL;
	}
	life_init(l, fs, conv);
	if (numbers_add(fs, &l->proto->numbers, l->number, l) < 0) {
		fs_dispose(fs, l);
		conv_release(conv);
		return NULL;
	}
	conv_set_tag(conv, l);
	fs->lives_n++;
	return l;
}

int life_new_idle(struct fs *fs, struct fs_proto *proto, const struct cred *who, struct life **out)
{
	struct user *maker = user_of(fs, who->uid);
	struct conv *conv;

	if (maker == NULL)
		return -ENOMEM;
	if (!is_keeper(fs, who) && maker->made[proto->index] >= proto->made_max)
		return -EDQUOT;
	conv = conv_new(fs->config.stack, proto->proto, who);
	if (conv == NULL)
		return conv_memory_is_short(fs->config.stack) ? -ENOBUFS : -EMFILE;
	*out = life_new(fs, conv);
	if (*out == NULL)
		return -ENOMEM;
	maker->made[proto->index]++;
	(*out)->maker = maker;
	return 0;
}

struct life *life_find(struct fs *fs, const struct fs_proto *proto, uint64_t number)
{
	if (proto != NULL)
		return numbers_find(&proto->numbers, number);
	for (unsigned i = 0; i < fs->protos_n; i++) {
		struct life *l = numbers_find(&fs->protos[i].numbers, number);

		if (l != NULL)
			return l;
	}
	return NULL;
}

/* --- names ------------------------------------------------------------------------------ */

static uint64_t name_hash(const struct fs *fs, const struct fs_proto *proto, const char *name)
{
	struct hash_key key = { fs->config.secret, proto->index };

	return siphash(&key, name, strlen(name));
}

struct life *life_find_name(struct fs *fs, const struct fs_proto *proto, const char *name)
{
	struct entry *e = table_first(&proto->names, name_hash(fs, proto, name));

	for (; e != NULL; e = table_next(e)) {
		struct name *n = CONTAINER_OF(e, struct name, entry);

		if (strcmp(n->text, name) == 0)
			return n->life;
	}
	return NULL;
}

int life_set_name(struct life *l, const char *name)
{
	struct fs *fs = l->fs;
	size_t len = strlen(name);
	struct name *n;

	ASSERT(l->name == NULL);
	ASSERT(len <= NAME_LEN_MAX);
	n = fs_alloc(fs, sizeof(*n));
	if (n == NULL)
		return -ENOMEM;
	n->life = l;
	memcpy(n->text, name, len + 1);
	if (table_add(fs, &l->proto->names, &n->entry, name_hash(fs, l->proto, name)) < 0) {
		fs_dispose(fs, n);
		return -ENOMEM;
	}
	l->name = n;
	return 0;
}

void life_unname(struct life *l)
{
	if (l->name == NULL)
		return;
	events_hear(l->fs, UINT32_MAX); /* what has changed so far changed under this name */
	table_remove(&l->proto->names, &l->name->entry);
	fs_dispose(l->fs, l->name);
	l->name = NULL;
}

/* --- reservations ----------------------------------------------------------------------- */

/* The clock of a reservation runs only while no file is open. */
static void life_arm(struct life *l)
{
	struct reservation *r = l->reservation;

	if (r == NULL)
		return;
	if (l->holding > 0 || r->keep_us == USEC_NEVER)
		timer_stop(&l->fs->timers, &r->expiry);
	else if (!timer_is_set(&r->expiry))
		timer_set(&l->fs->timers, &r->expiry, l->fs->now_us + r->keep_us);
}

static int charge(struct reservation *r, struct fs *fs, const struct cred *who)
{
	struct user *user = user_of(fs, who->uid);

	if (user == NULL)
		return -ENOMEM;
	if (user->reservations >= fs->config.reservations_max)
		return -EDQUOT;
	user->reservations++;
	r->charged = user;
	return 0;
}

/* The one there is, or a new one, in whose quota WHO is charged if nobody is yet. */
static int reservation_of(struct life *l, const struct cred *who)
{
	struct reservation *r = l->reservation;
	int err = 0;

	if (r == NULL) {
		r = fs_alloc(l->fs, sizeof(*r));
		if (r == NULL)
			return -ENOMEM;
		timer_init(&r->expiry, reservation_over);
		r->life = l;
	}
	if (r->charged == NULL && who != NULL)
		err = charge(r, l->fs, who);
	if (err == 0)
		l->reservation = r;
	else if (l->reservation == NULL)
		fs_dispose(l->fs, r);
	return err;
}

int life_reserve(struct life *l, const struct cred *who, usec_t keep_us)
{
	int err = reservation_of(l, who);

	if (err < 0)
		return err;
	l->reservation->keep_us = keep_us;
	timer_stop(&l->fs->timers, &l->reservation->expiry);
	life_arm(l);
	return 0;
}

void life_unreserve(struct life *l)
{
	struct reservation *r = l->reservation;

	if (r == NULL)
		return;
	if (r->charged != NULL)
		r->charged->reservations--;
	timer_stop(&l->fs->timers, &r->expiry);
	l->reservation = NULL;
	fs_dispose(l->fs, r);
}

/* --- holding ---------------------------------------------------------------------------- */

void life_hold(struct life *l)
{
	l->holding++;
	life_arm(l);
}

void life_unhold(struct life *l)
{
	ASSERT(l->holding > 0);
	l->holding--;
	life_arm(l);
}

void life_settle(struct life *l)
{
	if (l->holding == 0 && l->pins == 0 && l->reservation == NULL && l->name == NULL &&
		l->holder == NULL)
		life_end(l);
}

void life_end(struct life *l)
{
	struct fs *fs = l->fs;

	ASSERT(list_is_empty(&l->polled));
	ASSERT(list_is_empty(&l->to_tell));
	/* A snapshot that somebody still reads needs its conversation no more. */
	LIST_EACH(at, &l->opens)
	fid_attach(CONTAINER_OF(at, struct fid, of_life), NULL);
	for (unsigned i = 0; i < WAITS; i++)
		ASSERT(list_is_empty(&l->waits[i]));
	life_unname(l);
	life_unreserve(l);
	holder_leave(l);
	if (l->maker != NULL)
		l->maker->made[l->proto->index]--;
	list_remove(&l->due);
	numbers_remove(&l->proto->numbers, l->number);
	fs->lives_n--;
	conv_set_tag(l->conv, NULL);
	conv_release(l->conv);
	fs_dispose(fs, l->err);
	fs_dispose(fs, l->connecting);
	l->magic = 0;
	fs_dispose(fs, l);
}

/* --- asking ----------------------------------------------------------------------------- */

enum phase life_phase(struct life *l)
{
	unsigned events = conv_events(l->conv);
	struct span piece;
	int pieces;

	if (events & CONV_END)
		return conv_is_idle(l->conv) ? PHASE_IDLE : PHASE_OVER;
	if (events & CONV_UP)
		return PHASE_UP;
	switch (conv_peek(l->conv, &piece, 1, 1, &pieces)) {
	case -ENOTCONN:
		return PHASE_IDLE;
	case -EINVAL:
		return PHASE_ANNOUNCED;
	case -EAGAIN:
		return PHASE_CONNECTING;
	default:
		return PHASE_UP;
	}
}

/* Which lookup counts have a WRITE waiting, one bit each. */
static void mark_busy(const struct life *l, enum wait queue, uint32_t *busy)
{
	LIST_EACH(at, &l->waits[queue])
	{
		const struct req *r = CONTAINER_OF(at, struct req, link);
		unsigned lookup = node_unpack(r->fid->node).lookup;

		busy[lookup / 32] |= BIT(lookup % 32);
	}
}

uint16_t life_fresh_lookup(struct life *l)
{
	uint32_t busy[LOOKUPS / 32] = { 0 };

	l->lookups = (uint16_t)((l->lookups + 1) % LOOKUPS);
	if (list_is_empty(&l->waits[WAIT_OUT]) && list_is_empty(&l->waits[WAIT_UP]))
		return l->lookups;
	mark_busy(l, WAIT_OUT, busy);
	mark_busy(l, WAIT_UP, busy);
	/* When all are busy, the oldest is as good as any. */
	for (unsigned tried = 0; tried < LOOKUPS; tried++) {
		unsigned lookup = (l->lookups + tried) % LOOKUPS;

		if (!(busy[lookup / 32] & BIT(lookup % 32))) {
			l->lookups = (uint16_t)lookup;
			break;
		}
	}
	return l->lookups;
}

/* --- failures --------------------------------------------------------------------------- */

void life_failed(struct life *l, int err, const char *words)
{
	size_t len = strlen(words);
	char *kept = fs_alloc(l->fs, len + 1);

	log_failure(l->fs, conv_owner(l->conv)->uid, l, words);
	l->err_number = err;
	fs_dispose(l->fs, l->err);
	l->err = kept;
	if (kept != NULL)
		memcpy(kept, words, len + 1);
}

void life_failed_plainly(struct life *l, const char *what, int err)
{
	char at[256];
	struct text words = text_over(at, sizeof(at));

	text_printf(&words, "%s: %s", what, failure_words(err));
	life_failed(l, err, words.at);
}

/* How many of L's open files in this list hold it. */
static uint32_t check_opens(const struct life *l, const struct list *opens)
{
	uint32_t holding = 0;

	LIST_EACH(at, opens)
	{
		const struct fid *f = CONTAINER_OF(at, struct fid, of_life);

		ASSERT(f->life == l);
		ASSERT(opens == &l->opens || f->token != NULL);
		holding += f->holds;
	}
	return holding;
}

void life_check(const struct life *l)
{

	ASSERT(l->magic == LIFE_MAGIC);
	ASSERT(conv_tag(l->conv) == l);
	ASSERT(numbers_find(&l->proto->numbers, l->number) == l);
	ASSERT(l->reservation == NULL || l->reservation->life == l);
	ASSERT(l->holding > 0 || l->reservation != NULL || l->name != NULL || l->holder != NULL);
	ASSERT((l->holder != NULL) == list_is_linked(&l->of_holder));
	ASSERT(list_is_empty(&l->to_tell) || list_is_linked(&l->due));
	ASSERT(l->holding ==
		check_opens(l, &l->opens) + check_opens(l, &l->polled) +
			check_opens(l, &l->to_tell));
}
