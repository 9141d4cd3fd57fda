/* wall.c - the wall clock, and when it is set. */
#include "wall.h"

#include <stdint.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"

uint64_t wall_offset_us(void)
{
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	return (uint64_t)wall.tv_sec * USEC_PER_SEC + (uint64_t)wall.tv_nsec / 1000 -
		loop_clock_us();
}

#define NEVER_S ((time_t)1 << (8 * sizeof(time_t) - 2))

/* A timer that is never due, but that whoever sets the clock cancels. */
void wall_watch(int fd)
{
	const struct itimerspec never = { .it_value = { .tv_sec = NEVER_S } };
	uint64_t times;

	(void)!read(fd, &times, sizeof(times));
	(void)timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

int wall_open(void)
{
	int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	wall_watch(fd);
	return fd;
}
