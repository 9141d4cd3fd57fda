/*
 * options.h - the command line of catnetd.
 */
#ifndef CATNET_OPTIONS_H
#define CATNET_OPTIONS_H

#include "../stack/base/addr.h"
#include "log.h"

#define OPTIONS_ADDRS_MAX    8
#define OPTIONS_GATEWAYS_MAX 2 /* one a family */

struct options_addr {
	struct addr addr;
	unsigned bits; /* of the 128-bit form */
};

struct options {
	const char *mountpoint;
	const char *tap;
	int fd; /* an inherited device instead of a TAP; -1: none */
	struct options_addr host_addrs[OPTIONS_ADDRS_MAX]; /* the kernel's, on the TAP */
	unsigned host_addrs_n;
	struct options_addr addrs[OPTIONS_ADDRS_MAX]; /* ours */
	unsigned addrs_n;
	struct addr gateways[OPTIONS_GATEWAYS_MAX];
	unsigned gateways_n;
	bool in_foreground;
	bool unprobed; /* use addresses without asking whether they are taken */
	enum log_level level;
	const char *pcap;  /* NULL: no capture */
	const char *fault; /* NULL: a good wire */
	unsigned mtu;      /* 0: as the device has it */
	size_t memory;     /* 0: the default */
	usec_t spin_us;
	bool has_seed;
	uint64_t seed; /* everything random follows from it */
};

/* Read the command line; a mistake in it is told in one line and ends the program. */
void options_read(struct options *o, int argc, char **argv);

#endif
