/* icmp4.c - see icmp4.h. What comes in. */
#include "icmp4.h"

#include "../base/checksum.h"
#include "../base/wire.h"
#include "../link/ifc.h"
#include "../stack_private.h"
#include "icmp4_msg.h"
#include "ip4.h"
#include "route.h"

#define QUOTE_MIN        8  /* bytes of the transport's header that an error must quote (RFC 792) */
#define MTU_FLOOR        68 /* RFC 791 3.2: every link takes so much */
#define FLAG_DF          0x40
#define REDIRECT_CODES   4
#define CODE_FRAG_NEEDED 4

struct icmp4_hdr {
	uint8_t type;
	uint8_t code;
	uint32_t rest; /* what the type makes of it: an MTU, a gateway */
};

/* --- echo ---------------------------------------------------------------------------------- */

/* Our own copy when somebody else reads P's head as well; NULL when memory is short. Takes P. */
static struct pkt *make_writable(struct stack *s, struct pkt *p)
{
	struct pkt *copy;

	if (!buf_is_shared(p->head))
		return p;
	copy = pkt_copy(&s->pkts, p, pkt_len(p), BUF_DATA);
	pkt_free(&s->pkts, p);
	return copy;
}

/*
 * Turn a request into its reply. Only the type changes, so a sum that was verified is changed by
 * as much (RFC 1624 3) and the data are not read again; a sum that nobody filled in is asked for.
 */
static void turn_round(struct pkt *p)
{
	uint8_t *hdr = pkt_data(p);

	put_u8(hdr, ICMP4_TYPE_ECHO_REPLY);
	if (p->offload & PKT_CSUM_GOOD) {
		put_be16(hdr + 2, 0);
		p->offload = PKT_CSUM_FILL;
		p->csum_start = p->off;
		p->csum_off = 2;
	} else {
		uint32_t sum = (uint32_t)(hdr[2] << 8 | hdr[3]) + (ICMP4_TYPE_ECHO << 8);

		put_be16(hdr + 2, checksum_fold(sum));
		p->offload = 0;
	}
	p->seg_len = 0;
	p->segs = 1;
}

/* RFC 1122 3.2.2.6: the same data, from the address that was asked. */
static void answer_echo(struct stack *s, const struct ip_info *ip, struct pkt *p)
{
	struct ip_send how = { .src = ip->dst,
		.dst = ip->src,
		.protocol = IP_ICMP,
		.tos = (uint8_t)(ip->tos & ~IP_ECN_MASK) };

	p = make_writable(s, p);
	if (!p) {
		count_drop(s, COUNT_icmp4_drop_no_memory);
		return;
	}
	turn_round(p);
	count(s, COUNT_icmp4_echo_answered);
	count(s, COUNT_icmp4_out);
	ip_output(s, &how, p);
}

/* --- what an error says --------------------------------------------------------------- */

static struct ip_advice soft(int error)
{
	return (struct ip_advice){ .error = error };
}

static struct ip_advice hard(int error)
{
	return (struct ip_advice){ .error = error, .is_hard = true };
}

/*
 * RFC 1122 3.2.2.1 and 4.2.3.9: nobody there to speak with is hard, no way there is soft, for it
 * may pass. A filter that forbids (RFC 1812 5.2.7.1) will not change its mind soon.
 */
static struct ip_advice advice_unreachable(uint8_t code)
{
	switch (code) {
	case 2:
		return hard(-ENOPROTOOPT);
	case 3:
		return hard(-ECONNREFUSED);
	case 0:
	case 5:
	case 6:
	case 11:
		return soft(-ENETUNREACH);
	case 9:
		return hard(-ENETUNREACH);
	case 10:
	case 13:
		return hard(-EHOSTUNREACH);
	default:
		return soft(-EHOSTUNREACH);
	}
}

/* RFC 1191 7.1: the next size down that a link is likely to have, when a router did not say. */
static uint32_t plateau_below(uint32_t len)
{
	static const uint16_t plateaus[] = { 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296,
		MTU_FLOOR };

	for (unsigned i = 0; i < ARRAY_LEN(plateaus); i++) {
		if (plateaus[i] < len)
			return plateaus[i];
	}
	return 0;
}

/* RFC 1191: of what we said must not be cut, the next hop takes MTU bytes. What would raise the
 * size, or push it below what any link takes, is a lie (RFC 5927 7). */
static bool read_mtu(const struct icmp4_hdr *hdr, const struct ip_info *quoted, bool had_df,
	struct ip_advice *out)
{
	uint32_t sent = quoted->hdr_len + quoted->len;
	uint32_t mtu = hdr->rest & 0xffff;

	if (mtu == 0)
		mtu = plateau_below(sent);
	*out = soft(-EMSGSIZE);
	out->mtu = mtu;
	return had_df && mtu >= MTU_FLOOR && mtu < sent;
}

/* --- errors in ------------------------------------------------------------------------ */

/*
 * Pull the quoted IP header off P, whose ICMP header is off. An error is about us when it quotes a
 * packet from the very address it came to, with enough behind to say whose it was.
 */
static int read_quote(struct stack *s, const struct ip_info *ip, struct pkt *p, bool *had_df,
	struct ip_info *quoted)
{
	*had_df = p->len >= IP4_HDR_LEN && (pkt_data(p)[6] & FLAG_DF);
	if (ip4_parse_quoted(p, quoted) < 0 || p->len < QUOTE_MIN)
		return -EBADMSG;
	if (!addr_equal(&quoted->src, &ip->dst) || !ip_is_ours(s, &quoted->src))
		return -EBADMSG;
	return 0;
}

/* RFC 1122 3.2.2.2: believed only from the gateway that DST goes by now, and only when it names
 * another host on the same link. */
static bool redirect_is_good(struct stack *s, const struct ip_info *ip,
	const struct ip_info *quoted, const struct addr *gateway)
{
	struct route now;

	if (route_lookup(s, ip->ifc, &quoted->dst, &now) < 0 || now.ifc != ip->ifc)
		return false;
	if (!addr_equal(&now.next_hop, &ip->src) || addr_equal(&now.next_hop, &quoted->dst))
		return false;
	return ip4_is_host(gateway) && !ip_is_ours(s, gateway) &&
		!ifc_is_broadcast(s, ip->ifc, gateway) &&
		ifc_addr_on_link(s, ip->ifc, gateway) != NULL;
}

static void take_redirect(struct stack *s, const struct ip_info *ip, const struct icmp4_hdr *hdr,
	const struct ip_info *quoted, struct pkt *p)
{
	struct addr gateway = addr_from_v4(hdr->rest);

	if (hdr->code >= REDIRECT_CODES || !redirect_is_good(s, ip, quoted, &gateway)) {
		drop(s, p, COUNT_icmp4_drop_redirect);
		return;
	}
	count(s, COUNT_icmp4_redirects_in);
	route_redirect(s, &quoted->dst, ip->ifc, &gateway);
	pkt_free(&s->pkts, p);
}

/* What an error other than a redirect says about the packet it quotes; false when it cannot be. */
static bool read_advice(const struct icmp4_hdr *hdr, const struct ip_info *quoted, bool had_df,
	struct ip_advice *out)
{
	if (hdr->type == ICMP4_UNREACHABLE && hdr->code == CODE_FRAG_NEEDED)
		return read_mtu(hdr, quoted, had_df, out);
	if (hdr->type == ICMP4_UNREACHABLE)
		*out = advice_unreachable(hdr->code);
	else
		*out = soft(hdr->type == ICMP4_TIME_EXCEEDED ? -EHOSTUNREACH : -EPROTO);
	return true;
}

static struct icmp4_fact take_error(
	struct stack *s, const struct ip_info *ip, const struct icmp4_hdr *hdr, struct pkt *p)
{
	struct icmp4_fact fact = { .kind = ICMP4_NOTHING };
	bool had_df;

	pkt_pull(p, ICMP4_HDR_LEN);
	if (read_quote(s, ip, p, &had_df, &fact.quoted) < 0) {
		drop(s, p, COUNT_icmp4_drop_quote);
	} else if (hdr->type == ICMP4_REDIRECT) {
		take_redirect(s, ip, hdr, &fact.quoted, p);
	} else if (!read_advice(hdr, &fact.quoted, had_df, &fact.advice)) {
		drop(s, p, COUNT_icmp4_drop_mtu);
	} else {
		count(s, COUNT_icmp4_errors_in);
		fact.kind = ICMP4_ERROR;
	}
	return fact;
}

/* --- the door ------------------------------------------------------------------------- */

/* Is P a whole header and a good sum? Else why not. */
static bool read_message(const struct pkt *p, struct icmp4_hdr *out, enum counter *why)
{
	struct cursor c = cursor_over(pkt_data(p), p->len);

	out->type = take_u8(&c);
	out->code = take_u8(&c);
	take_be16(&c);
	out->rest = take_be32(&c);
	*why = COUNT_icmp4_drop_short;
	if (c.bad)
		return false;
	*why = COUNT_icmp4_drop_checksum;
	return (p->offload & PKT_CSUM_GOOD) ||
		checksum_fold(pkt_checksum(p, 0, pkt_len(p), 0)) == 0xffff;
}

/*
 * RFC 1122 3.2.2: what is not known is dropped without a word. So are source quench (RFC 6633 3),
 * which only ever served to slow others down, and questions for our time and mask.
 */
static struct icmp4_fact dispatch(
	struct stack *s, const struct ip_info *ip, const struct icmp4_hdr *hdr, struct pkt *p)
{
	struct icmp4_fact fact = { .kind = ICMP4_NOTHING };

	switch (hdr->type) {
	case ICMP4_TYPE_ECHO:
		if (ip->to_broadcast || ip->link_broadcast)
			drop(s, p, COUNT_icmp4_drop_broadcast);
		else
			answer_echo(s, ip, p);
		return fact;
	case ICMP4_TYPE_ECHO_REPLY:
		fact.kind = ICMP4_ECHO_REPLY;
		return fact;
	case ICMP4_UNREACHABLE:
	case ICMP4_TIME_EXCEEDED:
	case ICMP4_PARAMETER_PROBLEM:
	case ICMP4_REDIRECT:
		return take_error(s, ip, hdr, p);
	default:
		drop(s, p, COUNT_icmp4_drop_type);
		return fact;
	}
}

struct icmp4_fact icmp4_input(struct stack *s, const struct ip_info *ip, struct pkt *p)
{
	struct icmp4_fact fact = { .kind = ICMP4_NOTHING };
	struct icmp4_hdr hdr;
	enum counter why;

	count(s, COUNT_icmp4_in);
	if (!read_message(p, &hdr, &why)) {
		drop(s, p, why);
		return fact;
	}
	return dispatch(s, ip, &hdr, p);
}
