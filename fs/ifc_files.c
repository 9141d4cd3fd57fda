/* ifc_files.c - files of ipifc: stats, and of each interface local, status and stats. */
#include "../stack/net.h"
#include "../stack/stack.h"
#include "files.h"
#include "ifc_walk.h"
#include "json.h"
#include "tree.h"

#define LINE_MAX_LEN 512

/* The interface whose file F is; NULL when its device is gone. */
static struct ifc *ifc_of(const struct fid *f)
{
	struct node n = node_unpack(f->node);

	return node_ifc(f->fs, &n);
}

/* --- stats ------------------------------------------------------------------------------- */

/* What all interfaces share, by the first parts of their counters' names. */
static const char *const prefixes[] = { "link_", "offload_", "eth_", "lo_", "arp_", "neigh_",
	"ip4_", "frag_", "igmp_" };

int ifcs_stats_tell(struct fid *f, struct page *out)
{
	struct stack *s = f->fs->config.stack;
	struct json_describer j;
	struct ifc *ifc;

	json_begin(&j);
	j.d.open_list(&j.d, "interfaces");
	for (unsigned n = 0; (ifc = net_ifc_from(s, n)) != NULL; n = net_ifc_number(ifc) + 1) {
		j.d.open(&j.d, NULL);
		net_describe_ifc(ifc, &j.d);
		j.d.close(&j.d);
	}
	j.d.close(&j.d);
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		stack_describe_counters(s, prefixes[i], &j.d);
	return json_end(&j, out);
}

int ifc_stats_tell(struct fid *f, struct page *out)
{
	const struct ifc *ifc = ifc_of(f);
	struct json_describer j;

	if (ifc == NULL)
		return -EIO;
	json_begin(&j);
	net_describe_ifc(ifc, &j.d);
	return json_end(&j, out);
}

/* --- status, local ----------------------------------------------------------------------- */

int ifc_status_tell(struct fid *f, struct page *out)
{
	const struct ifc *ifc = ifc_of(f);
	char at[LINE_MAX_LEN];

	if (ifc == NULL)
		return -EIO;
	for (unsigned i = 0;; i++) {
		struct text words = text_over(at, sizeof(at));

		if (!net_ifc_line(ifc, i, &words))
			return out->has_failed ? -ENOMEM : 0;
		page_put(out, words.at, words.len);
		page_words(out, "\n");
	}
}

static void put_addr(struct page *out, const struct addr *a)
{
	char words[ADDR_TEXT_MAX];

	addr_format(a, words);
	page_printf(out, " %s", words);
}

/* An address of ours, and all that is heard for its sake. */
static void put_heard(
	struct page *out, const struct ifc *ifc, const struct net_addr *own, bool is_first)
{
	const struct addr everybody = addr_from_v4(UINT32_MAX);
	char words[ADDR_TEXT_MAX];
	struct addr group;

	addr_format(&own->addr, words);
	page_printf(out, "%-40s ->", words);
	put_addr(out, &own->addr);
	if (!addr_is_any(&own->broadcast)) {
		put_addr(out, &own->broadcast);
		put_addr(out, &everybody);
	}
	/* Groups are the interface's, not an address's. */
	for (unsigned i = 0; is_first && net_group_at(ifc, i, &group); i++)
		put_addr(out, &group);
	page_words(out, "\n");
}

int ifc_local_tell(struct fid *f, struct page *out)
{
	const struct ifc *ifc = ifc_of(f);
	bool is_first = true;
	struct net_addr own;

	if (ifc == NULL)
		return -EIO;
	for (unsigned i = 0; net_addr_at(ifc, i, &own); i++) {
		if (!own.is_used)
			continue;
		put_heard(out, ifc, &own, is_first);
		is_first = false;
	}
	return out->has_failed ? -ENOMEM : 0;
}
