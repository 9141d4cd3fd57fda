/*
 * services.h - what the two ends of a measurement agree on.
 */
#ifndef CATNET_BENCH_SERVICES_H
#define CATNET_BENCH_SERVICES_H

#include <sys/resource.h>

#define PORT_SINK   9001 /* reads and forgets */
#define PORT_SOURCE 9002 /* writes without end */
#define PORT_ECHO   9003 /* sends back what comes */

/* As many descriptors as the system grants without being asked for more. */
static inline int take_all_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return -1;
	files.rlim_cur = files.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &files);
}

#endif
