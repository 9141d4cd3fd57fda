/*
 * loop.h - the one event loop and the one clock: device, mount, signals and deadlines.
 *
 * A turn moves time first, then takes in what the wire said, then what the programs ask, and
 * last gives the answers that have become possible. Every source is bounded in a turn, so none
 * can starve another; no step calls a later one. Owns its descriptors, and nothing it is given.
 */
#ifndef CATNET_LOOP_H
#define CATNET_LOOP_H

#include "../stack/base/base.h"

struct devices;
struct front;
struct fs;
struct host_watch;
struct ifc;
struct log;
struct loop;
struct nic;
struct processes;
struct stack;

struct loop_config {
	struct stack *stack;
	struct nic *nic; /* whose frames are IFC's */
	struct ifc *ifc;
	struct log *log;
	struct tracer *tracer;       /* NULL: none */
	struct host_watch *host;     /* what the kernel says of the device; NULL: none */
	struct processes *processes; /* whose ends the tree is told of; NULL: none */
	bool hangup_ends; /* SIGHUP ends us, unless it was ignored when we were started */
	usec_t spin_us;   /* look again for at most so long before sleeping; 0: sleep at once */
};

enum loop_end {
	LOOP_GOES_ON,
	LOOP_SIGNALLED, /* SIGTERM, SIGINT, or SIGHUP where that ends us */
	LOOP_UNMOUNTED, /* somebody took the mount away */
	/* No ends; the turn is over, and then this was asked of whoever turns the loop: */
	LOOP_RELOAD,  /* SIGHUP */
	LOOP_REPORT,  /* SIGUSR1 */
	LOOP_WATCHED, /* what loop_watch was given is readable */
};

/* The time that everything runs on: never set, never back. */
usec_t loop_clock_us(void);

/* The four signals above are taken over, and SIGPIPE is ignored. 0 or -errno. */
int loop_new(struct loop **out, const struct loop_config *config);

/* Serve a tree behind its front, until loop_serve with NULLs. 0 or -errno. */
int loop_serve(struct loop *l, struct fs *fs, struct front *front);

/* Wait until there is something to do (but not past UNTIL_US), and do it. */
enum loop_end loop_turn(struct loop *l, usec_t until_us);

/* Look for bytes on FD, too, one at a time; -1: no longer. 0 or -errno. */
int loop_watch(struct loop *l, int fd);

/* From now on look again for at most so long before sleeping. */
void loop_set_spin(struct loop *l, usec_t spin_us);

/* Is there a device still? And those it serves, for who binds another. */
bool loop_has_device(const struct loop *l);
struct devices *loop_devices(struct loop *l);

/* Memory of the stack's that the loop holds is given back; NULL is allowed. */
void loop_free(struct loop *l);

#endif
