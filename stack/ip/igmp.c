/* igmp.c - see igmp.h. */
#include "igmp.h"

#include "../base/checksum.h"
#include "../link/group.h"
#include "../link/ifc.h"
#include "../link/lo.h"
#include "../stack_private.h"
#include "igmp_msg.h"
#include "ip4.h"

/* RFC 9776 8, by its own names. */
#define ROBUSTNESS_DEFAULT     2
#define QUERY_INTERVAL_S       125
#define QUERY_RESPONSE_US      (10 * USEC_PER_SEC)
#define UNSOLICITED_REPORT_US  (1 * USEC_PER_SEC)
#define V2_UNSOLICITED_US      (10 * USEC_PER_SEC) /* RFC 2236 8.10 */
#define V2_UNSOLICITED_REPORTS 2                   /* RFC 2236 3: "once or twice" more is enough */

#define ALL_ROUTERS    0xe0000002u /* 224.0.0.2 */
#define ALL_V3_ROUTERS 0xe0000016u /* 224.0.0.22 */
#define TOS_CONTROL    0xc0        /* RFC 9776 4: internetwork control */
#define IP_HEADER_LEN  (IP4_HDR_LEN + IP4_ALERT_LEN)

/* What is known of the routers of a link. */
struct querier {
	struct ifc *ifc; /* NULL: free */
	uint8_t version; /* which all that is pending was meant for */
	uint8_t robustness;
	uint32_t interval_s;
	usec_t v1_until_us; /* RFC 9776 7.2.1: a querier of that version was heard */
	usec_t v2_until_us;
	struct timer general; /* the answer to a query about all groups */
};

struct igmp {
	struct querier queriers[LIMIT_IFCS];
};

int igmp_setup(struct stack *s)
{
	s->igmp = arena_take(&s->arena, sizeof(*s->igmp), _Alignof(struct igmp));
	return s->igmp ? 0 : -ENOMEM;
}

/* 224.0.0.1 is never reported (RFC 9776 5), and lo has no routers. */
static bool is_silent(const struct stack *s, const struct ifc *ifc, const struct addr *group)
{
	return ifc == lo_ifc(s) || addr_v4(group) == GROUP_ALL_HOSTS;
}

/* In (0, MOST_US], which is less than an hour: 4.1.1 gives no more bits. */
static usec_t random_delay(struct stack *s, usec_t most_us)
{
	ASSERT(most_us <= UINT32_MAX);
	return 1 + random_below(&s->random, (uint32_t)most_us);
}

/* --- sending ------------------------------------------------------------------------------- */

static struct pkt *new_message(struct stack *s)
{
	struct pkt *p = pkt_new(&s->pkts, PKT_HEADROOM, BUF_CONTROL);

	if (!p)
		count(s, COUNT_igmp_no_memory);
	return p;
}

/* RFC 9776 4: by one hop, and looked at by every router on it; from nobody while we have no
 * address (4.2.14). */
static void send(struct stack *s, struct ifc *ifc, uint32_t to, struct pkt *p)
{
	struct ip_send how = { .dst = addr_from_v4(to),
		.ifc = ifc,
		.protocol = IP_IGMP,
		.ttl = 1,
		.tos = TOS_CONTROL,
		.has_alert = true };
	const struct ifc_addr *own = ifc_addr_towards(s, ifc, &how.dst);

	if (own)
		how.src = own->addr;
	(void)ip_output(s, &how, p);
}

static void send_report(struct stack *s, struct ifc *ifc, struct pkt *p, uint16_t records)
{
	igmp_report_end(p, records);
	count(s, COUNT_igmp_reports_out);
	send(s, ifc, ALL_V3_ROUTERS, p);
}

static uint32_t report_len_max(const struct ifc *ifc)
{
	return ifc->mtu - IP_HEADER_LEN;
}

/* A report of one record. */
static void say(struct stack *s, const struct group *g, enum igmp_record type)
{
	uint8_t n = type == IGMP_IS_IN ? g->sources_n : 0;
	struct pkt *p = new_message(s);

	if (!p)
		return;
	igmp_report_begin(p);
	(void)igmp_report_add(p, report_len_max(g->ifc), type, &g->addr, g->sources, n);
	send_report(s, g->ifc, p, 1);
}

/* All that IFC listens to, in as many reports as it takes (RFC 9776 5.2). */
static void say_all(struct stack *s, struct ifc *ifc)
{
	struct pkt *p = NULL;
	uint16_t records = 0;
	const struct group *g;

	for (unsigned i = 0; (g = group_at(s, i)); i++) {
		if (g->ifc != ifc || g->members == 0 || is_silent(s, ifc, &g->addr))
			continue;
		if (p && !igmp_report_add(p, report_len_max(ifc), IGMP_IS_EX, &g->addr, NULL, 0)) {
			send_report(s, ifc, p, records);
			p = NULL;
		} else if (p) {
			records++;
			continue;
		}
		p = new_message(s);
		if (!p)
			return;
		igmp_report_begin(p);
		(void)igmp_report_add(p, report_len_max(ifc), IGMP_IS_EX, &g->addr, NULL, 0);
		records = 1;
	}
	if (p)
		send_report(s, ifc, p, records);
}

/* As hosts of version 1 and 2 do: to the group itself. */
static void say_old(struct stack *s, struct group *g, uint8_t version)
{
	struct pkt *p = new_message(s);

	if (!p)
		return;
	igmp_build(p, version == 1 ? IGMP_V1_REPORT : IGMP_V2_REPORT, &g->addr);
	g->is_reporter = true;
	count(s, COUNT_igmp_reports_out);
	send(s, g->ifc, addr_v4(&g->addr), p);
}

/* RFC 2236 3: who was not the last to report it need not say that he leaves. */
static void say_left(struct stack *s, const struct group *g)
{
	struct pkt *p = g->is_reporter ? new_message(s) : NULL;

	if (!p)
		return;
	igmp_build(p, IGMP_V2_LEAVE, &g->addr);
	count(s, COUNT_igmp_leaves_out);
	send(s, g->ifc, ALL_ROUTERS, p);
}

/* --- queriers and their versions ------------------------------------------------------------ */

static void general_timer(void *arg, struct timer *t);

static struct querier *querier_find(const struct stack *s, const struct ifc *ifc)
{
	for (unsigned i = 0; i < LIMIT_IFCS; i++) {
		if (s->igmp->queriers[i].ifc == ifc)
			return &s->igmp->queriers[i];
	}
	return NULL;
}

/* The one of IFC, which there is room for: there are no more interfaces. */
static struct querier *querier_of(struct stack *s, struct ifc *ifc)
{
	struct querier *q = querier_find(s, ifc);

	if (q)
		return q;
	q = querier_find(s, NULL);
	ASSERT(q);
	*q = (struct querier){ .ifc = ifc,
		.version = 3,
		.robustness = ROBUSTNESS_DEFAULT,
		.interval_s = QUERY_INTERVAL_S };
	timer_init(&q->general, general_timer);
	return q;
}

/* RFC 9776 7.2.1: with another version all that is pending is cancelled. */
static void cancel_all(struct stack *s, struct querier *q)
{
	struct group *g;

	timer_stop(&s->timers, &q->general);
	for (unsigned i = 0; (g = group_at(s, i)); i++) {
		if (g->ifc != q->ifc)
			continue;
		timer_stop(&s->timers, &g->change);
		timer_stop(&s->timers, &g->answer);
		g->to_report = 0;
		g->sources_n = 0;
		if (g->members == 0)
			group_free(s, g);
	}
}

/* Which version is spoken on the link now? True when it is another than before, and what was
 * pending is gone. */
static bool version_changed(struct stack *s, struct querier *q)
{
	uint8_t version = 3;

	if (s->now_us < q->v2_until_us)
		version = 2;
	if (s->now_us < q->v1_until_us)
		version = 1;
	if (q->version == version)
		return false;
	q->version = version;
	cancel_all(s, q);
	return true;
}

/* --- changes of ours ------------------------------------------------------------------------ */

/* RFC 9776 5.1: a change is said at once and, because it may get lost, again. */
static void say_change(struct stack *s, struct group *g)
{
	const struct querier *q = querier_of(s, g->ifc);

	if (q->version == 3)
		say(s, g, g->members > 0 ? IGMP_TO_EX : IGMP_TO_IN);
	else if (g->members > 0)
		say_old(s, g, q->version);
	g->to_report--;
	if (g->to_report > 0)
		timer_set(&s->timers, &g->change,
			s->now_us +
				random_delay(s,
					q->version == 3 ? UNSOLICITED_REPORT_US
							: V2_UNSOLICITED_US));
	else if (g->members == 0)
		group_free(s, g);
}

static void change_timer(void *arg, struct timer *t)
{
	struct group *g = CONTAINER_OF(t, struct group, change);

	if (!version_changed(arg, querier_of(arg, g->ifc)))
		say_change(arg, g);
}

static void answer_timer(void *arg, struct timer *t);

static struct group *slot_for(struct stack *s, struct ifc *ifc, const struct addr *group)
{
	struct group *g = group_find(s, ifc, group);

	return g ? g : group_new(s, ifc, group, change_timer, answer_timer);
}

int igmp_join(struct stack *s, struct ifc *ifc, const struct addr *group)
{
	bool is_told = !is_silent(s, ifc, group);
	struct group *g;

	if (is_told)
		(void)version_changed(s, querier_of(s, ifc));
	g = slot_for(s, ifc, group);
	if (!g)
		return -ENOBUFS;
	if (++g->members > 1 || !is_told)
		return 0;
	timer_stop(&s->timers, &g->change);
	g->to_report = querier_of(s, ifc)->version == 3 ? querier_of(s, ifc)->robustness
							: V2_UNSOLICITED_REPORTS;
	say_change(s, g);
	return 0;
}

void igmp_leave(struct stack *s, struct ifc *ifc, const struct addr *group)
{
	struct group *g = group_find(s, ifc, group);
	struct querier *q = is_silent(s, ifc, group) ? NULL : querier_of(s, ifc);

	ASSERT(g && g->members > 0);
	if (q)
		(void)version_changed(s, q);
	if (--g->members > 0)
		return;
	timer_stop(&s->timers, &g->change);
	timer_stop(&s->timers, &g->answer);
	g->sources_n = 0;
	if (q && q->version == 3) {
		g->to_report = q->robustness;
		say_change(s, g);
		return;
	}
	if (q && q->version == 2)
		say_left(s, g);
	group_free(s, g);
}

/* --- queries -------------------------------------------------------------------------------- */

/* Does T stand for an answer that will come sooner? */
static bool is_sooner(const struct timer *t, usec_t at_us)
{
	return timer_is_set(t) && t->at_us <= at_us;
}

static void general_timer(void *arg, struct timer *t)
{
	struct querier *q = CONTAINER_OF(t, struct querier, general);

	if (!version_changed(arg, q))
		say_all(arg, q->ifc);
}

static void answer_timer(void *arg, struct timer *t)
{
	struct stack *s = arg;
	struct group *g = CONTAINER_OF(t, struct group, answer);
	struct querier *q = querier_of(s, g->ifc);

	if (version_changed(s, q))
		return;
	/* RFC 9776 5.2: of the sources asked about, those that are wanted, which is all of them. */
	if (q->version == 3)
		say(s, g, g->sources_n > 0 ? IGMP_IS_IN : IGMP_IS_EX);
	else
		say_old(s, g, q->version);
	g->sources_n = 0;
}

static bool has_source(const struct group *g, uint32_t source)
{
	for (unsigned i = 0; i < g->sources_n; i++) {
		if (g->sources[i] == source)
			return true;
	}
	return false;
}

/* Which sources the pending answer is about: those of the query too, or the whole group when they
 * are too many. */
static void note_sources(struct group *g, const struct igmp_query *query)
{
	bool is_whole = query->sources_n == 0 || query->kept_n < query->sources_n;

	for (unsigned i = 0; i < query->kept_n && !is_whole; i++) {
		if (has_source(g, query->sources[i]))
			continue;
		is_whole = g->sources_n == LIMIT_IGMP_SOURCES;
		if (!is_whole)
			g->sources[g->sources_n++] = query->sources[i];
	}
	if (is_whole)
		g->sources_n = 0;
}

/* RFC 9776 5.2, 3 to 5. */
static void schedule_for_group(
	struct stack *s, struct group *g, const struct igmp_query *query, usec_t at_us)
{
	bool is_pending = timer_is_set(&g->answer);

	if (!is_pending || g->sources_n > 0)
		note_sources(g, query);
	if (!is_sooner(&g->answer, at_us))
		timer_set(&s->timers, &g->answer, at_us);
}

/* RFC 2236 3: a timer for each group, which a later one does not put off. */
static void schedule_old(struct stack *s, const struct querier *q, const struct igmp_query *query)
{
	struct group *g;

	for (unsigned i = 0; (g = group_at(s, i)); i++) {
		if (g->ifc != q->ifc || g->members == 0 || is_silent(s, g->ifc, &g->addr))
			continue;
		if (!addr_is_any(&query->group) && !addr_equal(&query->group, &g->addr))
			continue;
		if (!is_sooner(&g->answer, s->now_us + query->max_delay_us))
			timer_set(&s->timers, &g->answer,
				s->now_us + random_delay(s, query->max_delay_us));
	}
}

/* RFC 9776 5.2, 1 and 2. */
static void schedule(struct stack *s, struct querier *q, const struct igmp_query *query)
{
	usec_t at_us = s->now_us + random_delay(s, query->max_delay_us);
	struct group *g;

	if (is_sooner(&q->general, at_us))
		return;
	if (addr_is_any(&query->group)) {
		timer_set(&s->timers, &q->general, at_us);
		return;
	}
	g = group_find(s, q->ifc, &query->group);
	if (g && g->members > 0 && !is_silent(s, g->ifc, &g->addr))
		schedule_for_group(s, g, query, at_us);
}

/* RFC 9776 4.1.6, 4.1.7 and 8.12: what the querier says of itself, and how long an older one is
 * heeded. */
static void learn(struct stack *s, struct querier *q, const struct igmp_query *query)
{
	usec_t older_us = q->robustness * (usec_t)q->interval_s * USEC_PER_SEC + QUERY_RESPONSE_US;

	if (query->version == 1)
		q->v1_until_us = s->now_us + older_us;
	if (query->version == 2)
		q->v2_until_us = s->now_us + older_us;
	if (query->version == 3) {
		q->robustness = query->robustness ? query->robustness : ROBUSTNESS_DEFAULT;
		q->interval_s = query->interval_s ? query->interval_s : QUERY_INTERVAL_S;
	}
	(void)version_changed(s, q);
}

static void hear_query(struct stack *s, struct ifc *ifc, const struct igmp_query *query)
{
	struct querier *q = querier_of(s, ifc);

	count(s, COUNT_igmp_queries_in);
	learn(s, q, query);
	if (q->version == 3)
		schedule(s, q, query);
	else
		schedule_old(s, q, query);
}

/* RFC 2236 3: another has said it already. Hosts of version 3 do not listen to each other. */
static void hear_report(struct stack *s, struct ifc *ifc, const struct addr *group)
{
	struct group *g = group_find(s, ifc, group);
	struct querier *q = querier_of(s, ifc);

	count(s, COUNT_igmp_reports_in);
	if (version_changed(s, q) || q->version == 3 || !g || g->members == 0)
		return;
	timer_stop(&s->timers, &g->answer);
	timer_stop(&s->timers, &g->change);
	g->to_report = 0;
	g->is_reporter = false;
}

/* --- what comes in ------------------------------------------------------------------------- */

/* The options of the IP header, which stands in front of P still. */
static bool has_alert(const struct ip_info *ip, const struct pkt *p)
{
	const uint8_t *at = pkt_data(p) - ip->hdr_len + IP4_HDR_LEN;
	const uint8_t *end = pkt_data(p);

	while (at < end && *at != IP4_OPTION_END) {
		if (*at == IP4_OPTION_ALERT)
			return true;
		at += *at == IP4_OPTION_NOP || at + 1 == end ? 1 : max_u32(at[1], 1);
	}
	return false;
}

/* RFC 9776 9.1: a general query is sent to all hosts; to a group that hosts are in it would come
 * from afar. */
static bool is_astray(const struct ip_info *ip, const struct igmp_query *query)
{
	return addr_is_any(&query->group) && addr_is_multicast(&ip->dst) &&
		addr_v4(&ip->dst) != GROUP_ALL_HOSTS;
}

/* Why this message, which begins with BYTES, is dropped; COUNTERS_N: it has been heard. */
static enum counter hear(
	struct stack *s, const struct ip_info *ip, const struct pkt *p, const uint8_t *bytes)
{
	struct igmp_query query;
	struct addr group;

	switch (bytes[0]) {
	case IGMP_QUERY:
		if (igmp_parse_query(&query, bytes, pkt_len(p)) < 0 || is_astray(ip, &query))
			return COUNT_igmp_drop_query;
		if (query.version == 3 && !has_alert(ip, p))
			return COUNT_igmp_drop_alert;
		hear_query(s, ip->ifc, &query);
		return COUNTERS_N;
	case IGMP_V1_REPORT:
	case IGMP_V2_REPORT:
		group = addr_from_v4((uint32_t)bytes[4] << 24 | (uint32_t)bytes[5] << 16 |
			(uint32_t)bytes[6] << 8 | bytes[7]);
		hear_report(s, ip->ifc, &group);
		return COUNTERS_N;
	case IGMP_V3_REPORT:
	case IGMP_V2_LEAVE:
		count(s, COUNT_igmp_reports_in);
		return COUNTERS_N;
	default:
		return COUNT_igmp_drop_type;
	}
}

void igmp_input(struct stack *s, const struct ip_info *ip, struct pkt *p)
{
	uint8_t bytes[IGMP_READ_MAX] = { 0 };
	uint32_t len = pkt_len(p);
	enum counter why = COUNTERS_N;

	(void)pkt_copy_out(p, 0, bytes, min_u32(len, sizeof(bytes)));
	if (ip->ifc == lo_ifc(s) || ip->ttl != 1)
		why = COUNT_igmp_drop_ttl;
	else if (len < IGMP_LEN_MIN)
		why = COUNT_igmp_drop_short;
	else if (checksum_fold(pkt_checksum(p, 0, len, 0)) != 0xffff)
		why = COUNT_igmp_drop_checksum;
	else
		why = hear(s, ip, p, bytes);
	if (why == COUNTERS_N)
		pkt_free(&s->pkts, p);
	else
		drop(s, p, why);
}

/* --- the end ------------------------------------------------------------------------------- */

void igmp_forget_ifc(struct stack *s, struct ifc *ifc)
{
	struct querier *q = querier_find(s, ifc);
	struct group *g;

	for (unsigned i = 0; (g = group_at(s, i)); i++) {
		if (g->ifc == ifc)
			group_free(s, g);
	}
	if (!q)
		return;
	timer_stop(&s->timers, &q->general);
	q->ifc = NULL;
}

void igmp_check(const struct stack *s)
{
	group_check(s);
	for (unsigned i = 0; i < LIMIT_IFCS; i++) {
		const struct querier *q = &s->igmp->queriers[i];

		ASSERT(q->ifc || q->general.fire == NULL || !timer_is_set(&q->general));
		ASSERT(!q->ifc || (q->version >= 1 && q->version <= 3));
		ASSERT(!q->ifc || q->robustness > 0);
	}
}
