/* fs.c - the tree as a whole: birth, time, opening and closing, the end. */
#include "fs.h"

#include <stdlib.h>

#include "../stack/net.h"
#include "holders.h"
#include "reader.h"
#include "tree.h"

/* --- memory ------------------------------------------------------------------------------ */

void *fs_alloc(struct fs *fs, size_t size)
{
	if (fs->config.refuse != NULL && fs->config.refuse(fs->config.refuse_arg))
		return NULL;
	return calloc(1, size);
}

void fs_dispose(struct fs *fs, void *at)
{
	(void)fs;
	free(at);
}

/* --- birth and end ----------------------------------------------------------------------- */

static void protos_init(struct fs *fs)
{
	const struct proto *proto;

	for (unsigned i = 0; (proto = stack_proto(fs->config.stack, i)) != NULL; i++) {
		ASSERT(i < PROTOS_MAX);
		fs->protos[i].proto = proto;
		fs->protos[i].index = i;
		fs->protos[i].made_max =
			max_u32(conv_max(fs->config.stack, proto) / MADE_SHARES, 1);
		fs->protos_n++;
	}
}

struct fs *fs_new(const struct fs_config *config, usec_t now_us)
{
	struct fs *fs = calloc(1, sizeof(*fs));

	if (fs == NULL)
		return NULL;
	fs->config = *config;
	if (fs->config.reservations_max == 0)
		fs->config.reservations_max = RESERVATIONS_DEFAULT;
	if (fs->config.holders_max == 0)
		fs->config.holders_max = HOLDERS_DEFAULT;
	if (fs->config.parked_max == 0)
		fs->config.parked_max = PARKED_DEFAULT;
	if (fs->config.waiting_max == 0)
		fs->config.waiting_max = WAITING_DEFAULT;
	/* One user may not take what all others need to be able to wait. */
	fs->parked_per_uid = max_u32(fs->config.parked_max / 2, 1);
	fs->now_us = now_us;
	fs->born_us = now_us;
	fs->turn = 1;
	timers_init(&fs->timers, now_us, fs);
	list_init(&fs->serving);
	list_init(&fs->due);
	list_init(&fs->ended);
	protos_init(fs);
	feed_init(&fs->events, fs, false);
	fs->events.watched = events_watched;
	log_file_init(fs);
	return fs;
}

void fs_wall(struct fs *fs, uint64_t offset_us)
{
	fs->config.wall_offset_us = offset_us;
}

static void end_files(struct fs *fs)
{
	for (uint32_t i = 0; i < fs->fids_n; i++) {
		if (fs->fids[i].fid != NULL)
			park_end(fs->fids[i].fid, -ECONNABORTED);
		if (fs->fids[i].fid != NULL)
			fid_close(fs->fids[i].fid);
	}
	ASSERT(fs->fids_out == 0);
}

static void end_lives(struct fs *fs, struct fs_proto *proto)
{
	struct life *l = numbers_from(&proto->numbers, 0);

	/* Onwards, for what is behind is only gaps. */
	while (l != NULL) {
		uint64_t number = l->number;

		life_end(l);
		l = numbers_from(&proto->numbers, number + 1);
	}
	table_free(fs, &proto->names);
	numbers_free(fs, &proto->numbers);
}

void fs_free(struct fs *fs)
{
	/* Those who wait for lines still hear the last ones. */
	while (feeds_serve(fs))
		continue;
	park_end_queued(fs, -ECONNABORTED);
	end_files(fs);
	for (unsigned i = 0; i < fs->protos_n; i++)
		end_lives(fs, &fs->protos[i]);
	ASSERT(fs->lives_n == 0);
	ASSERT(fs->parked == 0);
	ASSERT(fs->waiting == 0);
	holders_free(fs);
	feed_free(&fs->events);
	feed_free(&fs->log);
	users_free(fs);
	fs_dispose(fs, fs->fids);
	free(fs);
}

/* --- time -------------------------------------------------------------------------------- */

void fs_poll(struct fs *fs, usec_t now_us)
{
	fs->now_us = now_us;
	timers_run(&fs->timers, now_us);
}

usec_t fs_deadline(struct fs *fs)
{
	if (!list_is_empty(&fs->serving) || !list_is_empty(&fs->due) ||
		!list_is_empty(&fs->ended) || feeds_are_due(fs) || log_trace_has(fs))
		return fs->now_us;
	return timers_next(&fs->timers);
}

/* --- the device -------------------------------------------------------------------------- */

static void fail_what_is_cut_off(struct fs *fs, const struct fs_proto *proto)
{
	for (struct life *l = numbers_from(&proto->numbers, 0); l != NULL;
		l = numbers_from(&proto->numbers, l->number + 1)) {
		const struct addr *local = &conv_local(l->conv)->addr;

		/* Who was in groups by it has been told by the stack. */
		if (!addr_is_any(local) && !addr_is_multicast(local) &&
			net_addr_state(fs->config.stack, local) == -EADDRNOTAVAIL)
			conv_fail(l->conv, -EIO);
		events_hear(fs, UINT32_MAX); /* there may be more of them than the stack keeps */
	}
}

void fs_device_gone(struct fs *fs)
{
	fs->has_no_device = net_ifc(fs->config.stack, 0) == NULL;
	for (unsigned i = 0; i < fs->protos_n; i++)
		fail_what_is_cut_off(fs, &fs->protos[i]);
}

/* --- closing ----------------------------------------------------------------------------- */

void fs_close(struct fs *fs, uint64_t handle)
{
	struct fid *f = fid_find(fs, handle);

	if (f == NULL)
		return;
	park_end(f, -ECONNABORTED);
	fid_close(f);
}

/* --- looking ----------------------------------------------------------------------------- */

bool fs_node_is_busy(const struct fs *fs, node_t node)
{
	for (uint32_t i = 0; i < fs->fids_n; i++) {
		const struct fid *f = fs->fids[i].fid;

		if (f == NULL || f->node != node)
			continue;
		LIST_EACH(at, &f->requests)
		{
			const struct req *r = CONTAINER_OF(at, struct req, of_fid);

			if (r->op == REQ_WRITE && r->is_parked)
				return true;
		}
	}
	return false;
}

static void check_files(const struct fs *fs)
{
	uint32_t out = 0;

	for (uint32_t i = 0; i < fs->fids_n; i++) {
		const struct fid *f = fs->fids[i].fid;

		if (f == NULL)
			continue;
		out++;
		ASSERT(f->magic == FID_MAGIC);
		ASSERT(f->fs == fs);
		ASSERT((f->life != NULL) == list_is_linked(&f->of_life) || is_reader(f->row));
		ASSERT(!f->holds || f->life != NULL);
	}
	ASSERT(out == fs->fids_out);
}

void fs_check(const struct fs *fs)
{
	uint64_t lives = 0;

	check_files(fs);
	feed_check(&fs->events);
	feed_check(&fs->log);
	table_check(&fs->users);
	table_check(&fs->holders);
	timers_check(&fs->timers);
	for (unsigned i = 0; i < fs->protos_n; i++) {
		const struct numbers *numbers = &fs->protos[i].numbers;

		numbers_check(numbers);
		table_check(&fs->protos[i].names);
		for (struct life *l = numbers_from(numbers, 0); l != NULL;
			l = numbers_from(numbers, l->number + 1)) {
			life_check(l);
			lives++;
		}
	}
	ASSERT(lives == fs->lives_n);
}
