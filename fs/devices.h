/*
 * devices.h - the devices that frames come and go by, as the loop serves them.
 *
 * Each is read in a bounded batch a turn, followed when the kernel changes it, and let go of when
 * it is gone. What is given stays the giver's, who lets go of it after devices_drop or
 * devices_free.
 */
#ifndef CATNET_DEVICES_H
#define CATNET_DEVICES_H

#include "../stack/base/base.h"

struct devices;
struct fs;
struct host_watch;
struct ifc;
struct log;
struct nic;
struct stack;

/* None yet. What they have epoll tell lies in the upper 32 bits of its data. 0 or -ENOMEM. */
int devices_new(struct devices **out, struct stack *stack, struct log *log, int epoll_fd);

/* Serve NIC, whose frames are IFC's; HOST, which may be NULL, tells of it. 0 or -errno. */
int devices_add(struct devices *d, struct nic *nic, struct ifc *ifc, struct host_watch *host);

/* No longer, and its interface is detached from the stack. */
void devices_drop(struct devices *d, const struct ifc *ifc);

/* Who is told when one is gone; NULL: nobody. */
void devices_serve(struct devices *d, struct fs *fs);

/* A turn's part, READY being what epoll told. How many frames came; HAS_MORE is set when a batch
 * was cut short. */
int devices_pump(struct devices *d, uint64_t ready, usec_t now_us, bool *has_more);

/* Those that epoll says can be written take what waits for them. */
void devices_writable(struct devices *d, uint64_t ready);

/* Wrappers do what has come due; when the next of them wants to be asked again. */
usec_t devices_poll(struct devices *d, usec_t now_us);

/* Look for room where a frame was refused, and only there. */
void devices_watch_for_room(struct devices *d);

/* Is there one at all? */
bool devices_any(const struct devices *d);

/* Memory of the stack's is given back; NULL is allowed. */
void devices_free(struct devices *d);

#endif
