/*
 * server.h - everything that is open while catnetd runs, opened in order and closed in the other.
 *
 * Knows every room. Of what goes wrong the words are in WHY, and STATUS says it where an errno
 * would not.
 */
#ifndef CATNET_SERVER_H
#define CATNET_SERVER_H

#include "daemon.h"
#include "log.h"
#include "options.h"
#include "reload.h"
#include "tracer.h"

#define SERVER_WHY_MAX (2 * OPTIONS_WHY_MAX)

/* In the order of opening. */
struct server {
	int argc; /* the command line, to be read again with the file */
	char **argv;
	struct options *options; /* as we were started */
	struct options *latest;  /* as the file was read last; mostly the same */
	struct daemon daemon;
	struct reload reload;
	char *config_path; /* from the root of the file system on; NULL: no file */
	struct log log;
	struct nic *nic;     /* the outermost */
	struct nic *capture; /* of which this is one; NULL: none */
	struct host_watch *host;
	struct stack *stack;
	struct ifc *ifc;
	struct tracer tracer;
	struct processes *processes;
	struct loop *loop;
	struct bindings *bindings;
	struct fs *fs;
	struct front *front;
	bool wants_reload; /* asked for by a signal */
	bool wants_report;
	bool wants_pump; /* bytes have come for reload.c */
	int over;        /* -EINTR, a signal asked us to end; -ENODEV, the mount is gone; 0 */
	char why[SERVER_WHY_MAX]; /* what went wrong */
	int status;               /* and what to end with; 0: what the errno means */
};

/* Open all of it, the mount last, so that who waits for that need not wait any longer. 0, -EINTR
 * when a signal asked us to end meanwhile, or -errno with words in s->why. */
int server_open(struct server *s);

/* One turn of the loop, not past UNTIL_US, and what is asked for noted. 0, or s->over. */
int server_turn(struct server *s, usec_t until_us);

/* The end, orderly, of what is open. */
void server_close(struct server *s);

/* Parts of server_open: a stack over s->nic, what --fault and --pcap put around that, and a tree
 * over the stack. 0, or -errno with s->why. */
int server_open_stack(struct server *s);
int server_wrap_device(struct server *s);
int server_open_tree(struct server *s);

/* ERR; in front of s->why comes where FROM was said, and s->status tells line and file apart. */
int server_blame(struct server *s, const struct setting *from, int err);

/* ERR, and "WHAT: words" in s->why. */
int server_fail(struct server *s, int err, const char *what);

#endif
