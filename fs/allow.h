/*
 * allow.h - may they? The one place where policy is asked.
 *
 * Asked for every verb that names an address and for every datagram that brings its own.
 * Both who opened the file and who uses it now must pass: a descriptor handed to, or
 * inherited from, somebody with more rights gives nobody more rights.
 */
#ifndef CATNET_ALLOW_H
#define CATNET_ALLOW_H

#include "../stack/conv.h"

struct fs;

enum act {
	ACT_CONNECT,  /* remote; local may be NULL or unset */
	ACT_ANNOUNCE, /* local */
	ACT_BIND,     /* local */
	ACT_SEND,     /* one datagram with a header of its own: local, remote */
	ACT_NET,      /* change arp, iproute, ...: no address */
};

/* Root, or whoever is in root's place here. */
bool is_keeper(const struct fs *fs, const struct cred *who);

#define PORT_PRIVILEGED_BELOW 1024

/* 0, -EACCES or -EPERM. PROTO, LOCAL and REMOTE may be NULL where the act has none. */
int allow(struct fs *fs, const struct cred *opener, const struct cred *caller, enum act act,
	const struct proto *proto, const struct endpoint *local, const struct endpoint *remote);

#endif
