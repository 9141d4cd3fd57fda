/*
 * report.h - SIGUSR1: what the tree's stats say, written to the log.
 */
#ifndef CATNET_REPORT_H
#define CATNET_REPORT_H

struct server;

/* All of it, whatever the level: it was asked for. */
void report(struct server *s);

#endif
