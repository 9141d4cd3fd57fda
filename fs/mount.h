/*
 * mount.h - a place in the file tree of the machine for ours. Knows mount(2) and no libfuse.
 */
#ifndef CATNET_MOUNT_H
#define CATNET_MOUNT_H

#include <sys/types.h>

#include "../stack/base/base.h"

/*
 * Make MOUNTPOINT fit to be mounted on: a stale mount that a dead server left there is taken
 * away first. *OUT is its absolute name, to be freed. 0, or -errno with WHY.
 */
int mount_prepare(char **out, const char *mountpoint, char *why, size_t why_len);

/* The type of our mounts, behind "fuse.". */
#define MOUNT_SUBTYPE "catnetd"

/* Mount on MOUNTPOINT, which needs root, as NAME in the list of mounts: the descriptor requests
 * come from, or -errno with WHY. */
int mount_open(const char *mountpoint, const char *name, char *why, size_t why_len);

/* The device number of what is mounted at MOUNTPOINT, an absolute name, on top of whatever else
 * is; 0 if nothing is. Asks the kernel, never the mount: it may be our own, or hang. */
dev_t mount_at(const char *mountpoint);

/* Take the mount away; who still uses it gets errors. */
void mount_close(const char *mountpoint);

/* Seconds after which this kernel cuts a mount off for one request that waits; 0 for never. */
unsigned mount_request_timeout(void);

#endif
