/* net_files.c - files of the root and of a protocol: stats, err, arp, iproute, ipselftab. */
#include <string.h>

#include "../stack/net.h"
#include "../stack/stack.h"
#include "files.h"
#include "json.h"
#include "tree.h"

#define LINE_MAX_LEN 256

/* --- stats ------------------------------------------------------------------------------- */

/* Which counters belong to a protocol's directory: their names' first parts. */
struct proto_counters {
	const char *proto;
	const char *prefixes[2];
};

static const struct proto_counters proto_counters[] = {
	{ "tcp", { "tcp_", NULL } },
	{ "udp", { "udp_", NULL } },
	{ "icmp", { "icmp4_", "ping_" } },
	{ "icmpv6", { "icmp6_", "ping6_" } },
};

static void describe_counters(struct fid *f, struct describer *d)
{
	const char *name = proto_name(fid_proto(f)->proto);

	for (size_t i = 0; i < ARRAY_LEN(proto_counters); i++) {
		const struct proto_counters *p = &proto_counters[i];

		if (strcmp(p->proto, name) != 0)
			continue;
		for (size_t k = 0; k < ARRAY_LEN(p->prefixes); k++) {
			if (p->prefixes[k] != NULL)
				stack_describe_counters(f->fs->config.stack, p->prefixes[k], d);
		}
	}
}

int proto_stats_tell(struct fid *f, struct page *out)
{
	struct json_describer j;

	json_begin(&j);
	j.d.text(&j.d, "proto", proto_name(fid_proto(f)->proto));
	j.d.number(&j.d, "conversations", numbers_count(&fid_proto(f)->numbers));
	stack_describe_proto(f->fs->config.stack, fid_proto(f)->proto, &j.d);
	describe_counters(f, &j.d);
	return json_end(&j, out);
}

int root_stats_tell(struct fid *f, struct page *out)
{
	const struct fs *fs = f->fs;
	struct json_describer j;

	json_begin(&j);
	j.d.text(&j.d, "version", fs->config.version == NULL ? "" : fs->config.version);
	j.d.number(&j.d, "uptime_us", fs->now_us - fs->born_us);
	j.d.open(&j.d, "tree");
	j.d.number(&j.d, "conversations", fs->lives_n);
	j.d.number(&j.d, "open_files", fs->fids_out);
	j.d.number(&j.d, "parked", fs->parked);
	j.d.number(&j.d, "parked_max", fs->config.parked_max);
	j.d.number(&j.d, "waiting_bytes", fs->waiting);
	j.d.number(&j.d, "waiting_bytes_max_per_uid", fs->config.waiting_max);
	j.d.number(&j.d, "reservations_max_per_uid", fs->config.reservations_max);
	j.d.number(&j.d, "holders", fs->holders.n);
	j.d.number(&j.d, "holders_max", fs->config.holders_max);
	j.d.number(&j.d, "users", fs->users.n);
	j.d.close(&j.d);
	stack_describe(fs->config.stack, &j.d);
	return json_end(&j, out);
}

int root_err_tell(struct fid *f, struct page *out)
{
	const struct user *u = user_of(f->fs, f->opener.uid);

	if (u == NULL)
		return -ENOMEM;
	if (u->err != NULL) {
		page_words(out, u->err);
		page_words(out, "\n");
	}
	return out->has_failed ? -ENOMEM : 0;
}

/* --- arp, iproute, ipselftab ------------------------------------------------------------- */

typedef bool line_of(const struct stack *s, unsigned i, struct text *line);

static int lines_tell(struct fid *f, struct page *out, line_of *line)
{
	char at[LINE_MAX_LEN];

	for (unsigned i = 0;; i++) {
		struct text words = text_over(at, sizeof(at));

		if (!line(f->fs->config.stack, i, &words))
			return out->has_failed ? -ENOMEM : 0;
		page_put(out, words.at, words.len);
		page_words(out, "\n");
	}
}

int arp_tell(struct fid *f, struct page *out)
{
	return lines_tell(f, out, net_neigh_line);
}

int iproute_tell(struct fid *f, struct page *out)
{
	return lines_tell(f, out, net_route_line);
}

int ipselftab_tell(struct fid *f, struct page *out)
{
	char line[LINE_MAX_LEN];
	unsigned next = 0;

	for (;;) {
		struct text words = text_over(line, sizeof(line));

		if (!net_self_line(f->fs->config.stack, &next, &words))
			return out->has_failed ? -ENOMEM : 0;
		page_put(out, words.at, words.len);
		page_words(out, "\n");
	}
}
