/*
 * groups.h - which groups a caller is in, beyond the one that the kernel tells us.
 */
#ifndef CATNET_GROUPS_H
#define CATNET_GROUPS_H

#include "../stack/conv.h"

/*
 * Is WHO in group GID, by what the process file system says of his thread? As fs_config's
 * in_group; ARG is not used. A process may be gone or another by now: what cannot be told is
 * no, and what is told matters only where an owner has let a group in.
 */
bool groups_hold(void *arg, const struct cred *who, uint32_t gid);

#endif
