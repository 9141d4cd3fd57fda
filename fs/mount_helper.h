/*
 * mount_helper.h - catnetd as what mount(8) runs for the type fuse.catnetd.
 *
 * A line of fstab(5), `catnetd /net fuse.catnetd addr=10.0.0.2/24,gw=10.0.0.1,_netdev 0 0`, becomes
 * `mount.fuse.catnetd catnetd /net -o rw,addr=10.0.0.2/24,...`: the mount options that are words of
 * ours are made a command line of, those of mount(8) itself are passed over, and others refused.
 */
#ifndef CATNET_MOUNT_HELPER_H
#define CATNET_MOUNT_HELPER_H

#include "options.h"

/* Is this how we were called? */
bool mount_helper_is(const char *argv0);

struct mount_helper {
	int argc; /* the command line that is meant */
	char **argv;
	bool is_fake; /* -f: all but the mount */
	char *words;  /* what argv's words lie in */
};

/* 0, or EX_USAGE after TO was told. To be given to mount_helper_free either way. */
int mount_helper_read(struct mount_helper *m, int argc, char **argv, const struct teller *to);
void mount_helper_free(struct mount_helper *m);

/* What mount(8) is told instead of one of our exit statuses. */
int mount_helper_status(int status);

#endif
