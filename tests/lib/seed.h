/*
 * seed.h - a frame as annotated hex: one field a line, its bytes and then its name.
 *
 * A file has a part "in", what the stack is given, and may have a part "out", what it must
 * answer: there "??" is any byte, and "**" is any more bytes. Checksums of "in" are filled in.
 */
#ifndef TESTS_SEED_H
#define TESTS_SEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEED_MAX        256
#define SEED_FIELDS_MAX 64

struct seed_field {
	size_t at, len;
	char name[48];
};

struct seed {
	char name[80];
	uint8_t in[SEED_MAX];
	size_t in_len;
	struct seed_field fields[SEED_FIELDS_MAX];
	size_t fields_n;
	bool has_out, is_open; /* open: more may follow */
	uint8_t out[SEED_MAX];
	uint8_t mask[SEED_MAX]; /* 0 where any byte will do */
	size_t out_len;
};

/* Read the file at PATH; false with words on stderr. */
bool seed_load(struct seed *s, const char *path);

/* Put right every checksum of the frame at BYTES that lies within it, whatever its lengths say. */
void seed_seal(uint8_t *bytes, size_t len);

/* Is the frame at BYTES the answer that S wants? *AT is where it is not. */
bool seed_answers(const struct seed *s, const uint8_t *bytes, size_t len, size_t *at);

#endif
