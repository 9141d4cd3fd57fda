/*
 * wall.h - the wall clock beside the loop's: how far apart they are, and the moment at which
 * somebody sets it. Nothing is timed by it; it is told only in the times of files and lines.
 */
#ifndef CATNET_WALL_H
#define CATNET_WALL_H

#include "../stack/base/base.h"

/* The wall clock less the loop's, in microseconds. The two run alike but where one is set. */
uint64_t wall_offset_us(void);

/* A descriptor that is readable once the wall clock has been set; -errno. */
int wall_open(void);

/* It was readable: so again at the next time. */
void wall_watch(int fd);

#endif
