/*
 * evidence.h - what a failing test leaves behind, in build/failed/<test>/ (or under
 * $CATNET_FAILED): wire.pcap for Wireshark, and trace.txt with every frame in words and what the
 * test had to say.
 *
 * Each frame is on the disk before the next step runs, so that a crash loses nothing.
 */
#ifndef TESTS_EVIDENCE_H
#define TESTS_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>

struct evidence;

/* Begin afresh for TEST; NULL when the directory cannot be made. */
struct evidence *evidence_open(const char *test);
void evidence_close(struct evidence *e);

/* IS_IN: the stack was given it; else it sent it. E may be NULL, here and below. */
void evidence_frame(
	struct evidence *e, uint64_t now_us, int is_in, const uint8_t *bytes, size_t len);

/* A line of the test's own. */
void evidence_say(struct evidence *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
