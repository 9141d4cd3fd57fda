/*
 * ctl.h - the verbs of ctl (tree.md section 3).
 */
#ifndef CATNET_CTL_H
#define CATNET_CTL_H

#include "rows.h"

struct life;

/* Write handler of ctl, clone and listen: commands, one a line. */
ssize_t ctl_write(struct fid *f, struct req *r);

/* The conversation has news: has a connect been decided, or has it ended? Keeps the words. */
void ctl_heard(struct life *l);

/* The time for a connect is over. */
void ctl_give_up(struct life *l);

/* A signal has ended the wait for a connect, and not the attempt. */
void ctl_interrupted(struct life *l);

#endif
