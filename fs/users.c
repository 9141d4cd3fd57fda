/* users.c - who asks: their queue, their share, their last failure. */
#include <string.h>

#include "../stack/base/hash.h"
#include "tree.h"

static struct user *user_new(struct fs *fs, uint32_t uid, uint64_t hash)
{
	struct user *u = fs_alloc(fs, sizeof(*u));

	if (u == NULL)
		return NULL;
	u->uid = uid;
	list_init(&u->link);
	list_init(&u->queue);
	if (table_add(fs, &fs->users, &u->entry, hash) < 0) {
		fs_dispose(fs, u);
		return NULL;
	}
	return u;
}

struct user *user_of(struct fs *fs, uint32_t uid)
{
	struct hash_key key = { fs->config.secret, PROTOS_MAX };
	uint64_t hash = siphash(&key, &uid, sizeof(uid));
	struct entry *e = table_first(&fs->users, hash);

	for (; e != NULL; e = table_next(e)) {
		struct user *u = CONTAINER_OF(e, struct user, entry);

		if (u->uid == uid)
			return u;
	}
	return user_new(fs, uid, hash);
}

void user_note(struct fs *fs, const struct cred *who, const char *words)
{
	struct user *u = user_of(fs, who->uid);
	size_t len = strlen(words);

	if (u == NULL)
		return;
	fs_dispose(fs, u->err);
	u->err = fs_alloc(fs, len + 1);
	if (u->err != NULL)
		memcpy(u->err, words, len + 1);
}

void user_failed(struct fs *fs, const struct cred *who, const char *words)
{
	log_failure(fs, who->uid, NULL, words);
	user_note(fs, who, words);
}

void users_free(struct fs *fs)
{
	struct entry *e;

	while ((e = table_pop(&fs->users)) != NULL) {
		struct user *u = CONTAINER_OF(e, struct user, entry);

		ASSERT(list_is_empty(&u->queue));
		ASSERT(u->parked == 0);
		ASSERT(u->holders == 0);
		ASSERT(u->waiting == 0 && u->in_place == 0);
		fs_dispose(fs, u->err);
		fs_dispose(fs, u);
	}
	table_free(fs, &fs->users);
}
