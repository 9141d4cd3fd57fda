/* pcapng.c - see pcapng.h. The numbers in brackets are the draft's sections. */
#include <string.h>

#include "pcapng.h"

enum block { SECTION = 0x0a0d0d0a, INTERFACE = 1, STATISTICS = 5, PACKET = 6 };

#define MAGIC         0x1a2b3c4du
#define LINK_ETHERNET 1

enum option {
	OPT_END = 0,
	OPT_COMMENT = 1,
	SHB_USERAPPL = 4,
	IF_NAME = 2,
	IF_TSRESOL = 9,
	EPB_FLAGS = 2,
	EPB_DROPCOUNT = 4,
	ISB_STARTTIME = 2,
	ISB_ENDTIME = 3,
	ISB_IFRECV = 4,
	ISB_IFDROP = 5,
};

/* --- pieces ------------------------------------------------------------------------------- */

static uint8_t *put16(uint8_t *to, uint16_t value)
{
	memcpy(to, &value, sizeof(value));
	return to + sizeof(value);
}

static uint8_t *put32(uint8_t *to, uint32_t value)
{
	memcpy(to, &value, sizeof(value));
	return to + sizeof(value);
}

/* A time: the upper half first, whatever the byte order [4.3]. */
static uint8_t *put_time(uint8_t *to, uint64_t at_ns)
{
	return put32(put32(to, (uint32_t)(at_ns >> 32)), (uint32_t)at_ns);
}

/* Everything ends on a word [3.1]. */
static uint8_t *pad(uint8_t *to, size_t len)
{
	while (len++ % 4 != 0)
		*to++ = 0;
	return to;
}

static uint8_t *put_option(uint8_t *to, enum option code, const void *value, size_t len)
{
	to = put16(to, (uint16_t)code);
	to = put16(to, (uint16_t)len);
	memcpy(to, value, len);
	return pad(to + len, len);
}

static uint8_t *put_text(uint8_t *to, enum option code, const char *text, size_t len)
{
	return put_option(to, code, text, min_size(len, PCAPNG_TEXT_MAX));
}

static uint8_t *put_count(uint8_t *to, enum option code, uint64_t count)
{
	return put_option(to, code, &count, sizeof(count));
}

static uint8_t *put_when(uint8_t *to, enum option code, uint64_t at_ns)
{
	uint8_t value[8];

	put_time(value, at_ns);
	return put_option(to, code, value, sizeof(value));
}

static uint8_t *begin(uint8_t *to, enum block type)
{
	return put32(put32(to, type), 0);
}

/* The length stands at both ends [3.1]. How long it is. */
static size_t end(uint8_t *block, uint8_t *to)
{
	uint32_t len;

	to = put16(put16(to, OPT_END), 0);
	len = (uint32_t)(to - block) + 4;
	put32(to, len);
	put32(block + 4, len);
	return len;
}

/* --- blocks ------------------------------------------------------------------------------- */

static size_t put_section(uint8_t *block, const char *application)
{
	uint8_t *to = put32(begin(block, SECTION), MAGIC);

	to = put16(put16(to, 1), 0);
	to = put32(put32(to, UINT32_MAX), UINT32_MAX); /* how long it becomes nobody knows [4.1] */
	to = put_text(to, SHB_USERAPPL, application, strlen(application));
	return end(block, to);
}

static size_t put_interface(uint8_t *block, const char *name)
{
	const uint8_t nanoseconds = 9;
	uint8_t *to = put16(put16(begin(block, INTERFACE), LINK_ETHERNET), 0);

	to = put32(to, PCAPNG_SNAPLEN);
	to = put_text(to, IF_NAME, name, strlen(name));
	to = put_option(to, IF_TSRESOL, &nanoseconds, 1);
	return end(block, to);
}

size_t pcapng_begin(uint8_t *to, const char *application, const char *interface)
{
	size_t len = put_section(to, application);

	return len + put_interface(to + len, interface);
}

size_t pcapng_packet(uint8_t *block, const struct pcapng_packet *p)
{
	const uint32_t way = p->is_in ? 1 : 2; /* inbound, outbound [4.3.1] */
	uint8_t *to = put_time(put32(begin(block, PACKET), 0), p->at_ns);

	to = put32(put32(to, p->kept), p->len);
	to = pad(to + p->kept, p->kept);
	to = put_option(to, EPB_FLAGS, &way, sizeof(way));
	if (p->lost > 0)
		to = put_count(to, EPB_DROPCOUNT, p->lost);
	if (p->about_len > 0)
		to = put_text(to, OPT_COMMENT, p->about, p->about_len);
	return end(block, to);
}

static uint32_t word_at(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

uint32_t pcapng_len(const uint8_t *block)
{
	return word_at(block + 4);
}

bool pcapng_is_packet(const uint8_t *block)
{
	return word_at(block) == PACKET;
}

size_t pcapng_end(uint8_t *block, const struct pcapng_stats *s)
{
	uint8_t *to = put_time(put32(begin(block, STATISTICS), 0), s->now_ns);

	to = put_when(to, ISB_STARTTIME, s->begun_ns);
	to = put_when(to, ISB_ENDTIME, s->now_ns);
	to = put_count(to, ISB_IFRECV, s->passed);
	to = put_count(to, ISB_IFDROP, s->lost);
	return end(block, to);
}
