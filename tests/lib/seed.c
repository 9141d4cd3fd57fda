#include "seed.h"

#include "frame.h"

#include <stdio.h>
#include <string.h>

#define ICMP_SUM_AT 2
#define TCP_SUM_AT  16
#define UDP_SUM_AT  6

/* ICMP and IGMP have theirs in the same place, and both without a pseudo-header. */
static void seal_transport(uint8_t *ip, uint8_t *at, size_t len)
{
	bool is_plain = ip[9] == 1 || ip[9] == 2;
	size_t sum_at = is_plain ? ICMP_SUM_AT : ip[9] == 6 ? TCP_SUM_AT : UDP_SUM_AT;

	if ((!is_plain && ip[9] != 6 && ip[9] != 17) || len < sum_at + 2)
		return;
	frame_put16(at + sum_at, 0);
	if (is_plain) {
		frame_put16(at + sum_at, frame_sum(at, len, 0));
		return;
	}
	frame_put16(at + sum_at,
		frame_pseudo_sum(frame_get32(ip + 12), frame_get32(ip + 16), ip[9], at, len));
}

void seed_seal(uint8_t *bytes, size_t len)
{
	uint8_t *ip = bytes + FRAME_ETH_LEN;
	size_t hdr_len, total;

	if (len < FRAME_ETH_LEN + 20 || frame_get16(bytes + 12) != FRAME_TYPE_IP4)
		return;
	len -= FRAME_ETH_LEN;
	hdr_len = (ip[0] & 15u) * 4u;
	total = frame_get16(ip + 2);
	if (hdr_len < 20 || hdr_len > len)
		hdr_len = 20;
	if (total < hdr_len || total > len)
		total = len;
	frame_put16(ip + 10, 0);
	frame_put16(ip + 10, frame_sum(ip, hdr_len, 0));
	seal_transport(ip, ip + hdr_len, total - hdr_len);
}

bool seed_answers(const struct seed *s, const uint8_t *bytes, size_t len, size_t *at)
{
	size_t i;

	*at = len < s->out_len ? len : s->out_len;
	if (len < s->out_len || (len > s->out_len && !s->is_open))
		return false;
	for (i = 0; i < s->out_len; i++) {
		*at = i;
		if (s->mask[i] && bytes[i] != s->out[i])
			return false;
	}
	return true;
}

/* The bytes at the beginning of LINE, up to CAP; where they end is left in *END. */
static size_t hex_of(char *line, uint8_t *to, uint8_t *mask, size_t cap, char **end)
{
	size_t n = 0;

	while (n < cap) {
		unsigned byte = 0;
		bool is_any = strncmp(line, "??", 2) == 0;

		if (!is_any &&
			(sscanf(line, "%2x", &byte) != 1 || strspn(line, "0123456789abcdef") != 2))
			break;
		to[n] = (uint8_t)byte;
		mask[n] = is_any ? 0 : 255;
		n++;
		line += 2;
		if (*line != ' ' || line[1] == ' ')
			break;
		line++;
	}
	*end = line + strspn(line, " \n");
	return n;
}

static bool take_line(struct seed *s, char *line, bool is_out)
{
	uint8_t bytes[SEED_MAX], mask[SEED_MAX];
	struct seed_field *field = &s->fields[s->fields_n];
	size_t *len = is_out ? &s->out_len : &s->in_len;
	char *name;
	size_t n;

	if (strncmp(line, "**", 2) == 0)
		return s->is_open = true;
	n = hex_of(line, bytes, mask, SEED_MAX - *len, &name);
	if (n == 0 || s->fields_n == SEED_FIELDS_MAX)
		return false;
	if (is_out) {
		memcpy(s->out + *len, bytes, n);
		memcpy(s->mask + *len, mask, n);
	} else {
		memcpy(s->in + *len, bytes, n);
		field->at = *len;
		field->len = n;
		(void)snprintf(
			field->name, sizeof(field->name), "%.*s", (int)strcspn(name, "\n"), name);
		s->fields_n++;
	}
	*len += n;
	return true;
}

static bool take_file(struct seed *s, FILE *file)
{
	char line[300];
	bool is_in = false;

	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (strcmp(line, "in\n") == 0)
			is_in = true;
		else if (strcmp(line, "out\n") == 0)
			s->has_out = true;
		else if (!is_in || !take_line(s, line, s->has_out)) {
			(void)fprintf(stderr, "%s: cannot read: %s", s->name, line);
			return false;
		}
	}
	seed_seal(s->in, s->in_len);
	return s->in_len > 0;
}

bool seed_load(struct seed *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	FILE *file = fopen(path, "r");
	bool is_good;

	memset(s, 0, sizeof(*s));
	(void)snprintf(s->name, sizeof(s->name), "%s", slash ? slash + 1 : path);
	if (!file) {
		(void)fprintf(stderr, "%s cannot be opened\n", path);
		return false;
	}
	is_good = take_file(s, file);
	(void)fclose(file);
	return is_good;
}
