/*
 * files.h - the handlers that rows.c puts into the table.
 */
#ifndef CATNET_FILES_H
#define CATNET_FILES_H

#include "rows.h"

/* Text that is read once, then the end until a write rewinds it: as a reader's answer. */
ssize_t read_once(struct fid *f, const struct req *r, const char *text, size_t text_len);

/* conv_files.c: a conversation's */
ssize_t clone_open(struct fid *f, struct req *r);
ssize_t live_open(struct fid *f, struct req *r);
ssize_t listen_open(struct fid *f, struct req *r);
ssize_t ctl_read(struct fid *f, struct req *r);
size_t ctl_text_len(const struct fid *f); /* of what a fresh open reads */
void ctl_taken(struct fid *f, size_t len);
ssize_t accept_read(struct fid *f, struct req *r);
void accept_taken(struct fid *f, size_t len);
ssize_t accept_write(struct fid *f, struct req *r);
int err_tell(struct fid *f, struct page *out);
int local_tell(struct fid *f, struct page *out);
int remote_tell(struct fid *f, struct page *out);
int status_tell(struct fid *f, struct page *out);
int conv_stats_tell(struct fid *f, struct page *out);

/* data_files.c: a conversation's bytes */
ssize_t data_read(struct fid *f, struct req *r);
void data_taken(struct fid *f, size_t len);
ssize_t data_write(struct fid *f, struct req *r);

/* data_ioctl.c: what these cannot say */
extern const struct ioctl data_ioctls[];

/* net_files.c: a protocol's, and the root's */
int proto_stats_tell(struct fid *f, struct page *out);
int root_stats_tell(struct fid *f, struct page *out);
int root_err_tell(struct fid *f, struct page *out);
int arp_tell(struct fid *f, struct page *out);
int iproute_tell(struct fid *f, struct page *out);
int ipselftab_tell(struct fid *f, struct page *out);

/* ifc_files.c: an interface's, and those of all */
int ifcs_stats_tell(struct fid *f, struct page *out);
int ifc_local_tell(struct fid *f, struct page *out);
int ifc_status_tell(struct fid *f, struct page *out);
int ifc_stats_tell(struct fid *f, struct page *out);

/* feed_files.c, log_file.c: what happens, line by line */
ssize_t events_open(struct fid *f, struct req *r);
ssize_t log_open_file(struct fid *f, struct req *r);
ssize_t feed_read(struct fid *f, struct req *r);
void feed_taken(struct fid *f, size_t len);
unsigned feed_poll(struct fid *f);
ssize_t log_write(struct fid *f, struct req *r);

/* ifc_ctl.c: its ctl, and what begins a further one */
ssize_t ifc_clone_open(struct fid *f, struct req *r);
ssize_t ifc_ctl_read(struct fid *f, struct req *r);
ssize_t ifc_ctl_write(struct fid *f, struct req *r);
unsigned ifc_ctl_poll(struct fid *f);

/* arp_ctl.c, route_ctl.c: what may be written to them */
ssize_t arp_write(struct fid *f, struct req *r);
ssize_t iproute_write(struct fid *f, struct req *r);

/* poll_files.c: poll(2)'s events as they stand */
unsigned ctl_poll(struct fid *f);
unsigned data_poll(struct fid *f);
unsigned accept_poll(struct fid *f);

#endif
