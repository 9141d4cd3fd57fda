/*
 * data.h - what the two files of `data` share.
 */
#ifndef CATNET_DATA_H
#define CATNET_DATA_H

#include "rows.h"

struct life;

/* The prefix of a datagram in headers mode (tree.md section 3). */
#define PREFIX_LEN 52

/* Has F still to be told why its conversation ended, or could not connect? */
bool data_owes_error(const struct fid *f);

/* A read came to ERR, or to the end: what the reader is told. */
ssize_t data_tell_error(struct fid *f, const struct req *r, ssize_t err);

/* Something was reported of a datagram: keep it in err. */
void data_note_report(struct life *l, ssize_t err);

/* R, which writes, came to ERR: keep why in err. What the writer is told. */
ssize_t data_write_failed(struct fid *f, const struct req *r, ssize_t err);

#endif
