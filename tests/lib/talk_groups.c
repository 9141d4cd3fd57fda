/* talk_groups.c - see talk_groups.h. */
#include "talk_groups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct conv *on_group(uint32_t group)
{
	return talk_keep(talk_announced(talk_box, "udp", talk_at(group, 5000)));
}

struct conv *on_any(bool has_headers)
{
	struct conv *c = talk_keep(talk_announced(talk_box, "udp", talk_at(0, 5000)));

	if (has_headers)
		assert_int_equal(talk_ctl(c, "headers", NULL), 0);
	return c;
}

void talk_join(struct conv *c, const char *words)
{
	char command[64];

	(void)snprintf(command, sizeof(command), "addmulti %s", words);
	assert_int_equal(talk_ctl(c, command, NULL), 0);
	box_seen_all(talk_box);
}

static void group_frame(struct frame *f, uint32_t group, const char *words)
{
	frame_init(f, FRAME_UDP);
	f->ip.src = TALK_PEER;
	f->ip.dst = group;
	f->ip.ttl = 1;
	f->udp.src_port = 4000;
	f->udp.dst_port = 5000;
	f->data = (const uint8_t *)words;
	f->data_len = strlen(words);
	f->eth_dst[0] = 0x01;
	f->eth_dst[2] = 0x5e;
	f->eth_dst[3] = group >> 16 & 0x7f;
	f->eth_dst[4] = (uint8_t)(group >> 8);
	f->eth_dst[5] = (uint8_t)group;
}

void peer_says(uint32_t group, const char *words)
{
	struct frame f;

	group_frame(&f, group, words);
	talk_frame_in(talk_box, &f);
}

void assert_hears_nothing(struct conv *c)
{
	assert_int_equal(talk_read(c, talk_bytes, sizeof(talk_bytes)), -EAGAIN);
}
