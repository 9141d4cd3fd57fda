/* allow.c - the rules that hold until there is a policy (tree.md section 1). */
#include "allow.h"

#include "tree.h"

bool is_keeper(const struct fs *fs, const struct cred *who)
{
	return who->uid == 0 || who->uid == fs->config.keeper_uid;
}

/* Port 0 is a request to choose one, and what is chosen is never privileged. */
static bool is_privileged(const struct endpoint *local)
{
	return local != NULL && local->port != 0 && local->port < PORT_PRIVILEGED_BELOW;
}

static int allow_one(
	const struct fs *fs, const struct cred *who, enum act act, const struct endpoint *local)
{
	if (is_keeper(fs, who))
		return 0;
	switch (act) {
	case ACT_NET:
		return -EPERM;
	case ACT_CONNECT:
	case ACT_ANNOUNCE:
	case ACT_BIND:
		return is_privileged(local) ? -EACCES : 0;
	case ACT_SEND:
		return 0;
	}
	return -EPERM;
}

int allow(struct fs *fs, const struct cred *opener, const struct cred *caller, enum act act,
	const struct proto *proto, const struct endpoint *local, const struct endpoint *remote)
{
	int err;

	(void)proto;
	(void)remote;
	err = allow_one(fs, opener, act, local);
	return err < 0 ? err : allow_one(fs, caller, act, local);
}
