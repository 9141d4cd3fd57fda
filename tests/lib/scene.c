#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct cred nobody = { 0, 0, 1 };

static const char *const names[] = { "Listen", "Synsent", "Synreceived", "Established", "Finwait1",
	"Finwait2", "Closewait", "Closing", "Lastack", "Timewait", "Closed" };

bool scene_is_named(const char *said, enum scene_state state)
{
	const char *want = names[state];

	for (; *said; said++) {
		if (*said == '_')
			continue;
		if (!*want || (*said | 32) != (*want | 32))
			return false;
		want++;
	}
	return !*want;
}

static void settle(struct scene *sc)
{
	box_settle(sc->box);
}

void scene_take(struct scene *sc)
{
	while (peer_take(&sc->peer))
		;
}

void scene_say(struct scene *sc, uint8_t flags)
{
	peer_send(&sc->peer, flags, sc->peer.snd_nxt, sc->peer.rcv_nxt, 0);
	if (flags & (FRAME_SYN | FRAME_FIN))
		sc->peer.snd_nxt++;
	settle(sc);
	scene_take(sc);
}

/* From SCENE_ESTABLISHED on by what both sides do. */
static void close_as_far_as(struct scene *sc)
{
	enum scene_state to = sc->state;

	if (to == SCENE_CLOSE_WAIT || to == SCENE_LAST_ACK)
		scene_say(sc, FRAME_FIN | FRAME_ACK);
	if (to == SCENE_FIN_WAIT_1 || to == SCENE_FIN_WAIT_2 || to == SCENE_CLOSING ||
		to == SCENE_LAST_ACK || to == SCENE_TIME_WAIT) {
		uint32_t before = sc->peer.rcv_nxt;

		assert_int_equal(conv_close(sc->conv), 0);
		settle(sc);
		scene_take(sc);
		if (to == SCENE_CLOSING) {
			sc->peer.rcv_nxt = before; /* it has not seen our FIN */
			scene_say(sc, FRAME_FIN | FRAME_ACK);
		}
	}
	if (to == SCENE_FIN_WAIT_2 || to == SCENE_TIME_WAIT)
		scene_say(sc, FRAME_ACK);
	if (to == SCENE_TIME_WAIT)
		scene_say(sc, FRAME_FIN | FRAME_ACK);
}

/* The edge of our window as the wire shows it; where nothing was sent, the longest. */
static void see_edge(struct scene *sc)
{
	struct oracle_tuple t = { box_ip(sc->box), SCENE_PEER, sc->peer.our_port, sc->peer.port };

	sc->edge = sc->peer.snd_nxt + 65535;
	(void)oracle_edge(box_oracle(sc->box), &t, &sc->edge);
}

static void go_to(struct scene *sc, enum scene_state state)
{
	struct endpoint remote = { .addr = addr_from_v4(SCENE_PEER), .port = sc->port };

	sc->state = state;
	sc->conv = NULL;
	peer_init(&sc->peer, sc->box, SCENE_PEER, sc->port, 80);
	sc->port = sc->port == 60000 ? 2000 : (uint16_t)(sc->port + 1);
	if (state == SCENE_LISTEN)
		return;
	if (state == SCENE_CLOSED) {
		sc->peer.our_port = 81;
		return;
	}
	if (state == SCENE_SYN_SENT) {
		sc->conv = conv_new(box_stack(sc->box), box_proto(sc->box, "tcp"), &nobody);
		assert_non_null(sc->conv);
		assert_int_equal(conv_connect(sc->conv, NULL, &remote), 0);
		settle(sc);
		assert_true(peer_take(&sc->peer));
		sc->peer.our_port = sc->peer.last.tcp.src_port;
		return;
	}
	if (state == SCENE_SYN_RECEIVED) {
		scene_say(sc, FRAME_SYN);
		return;
	}
	assert_true(peer_call(&sc->peer));
	sc->conv = conv_accept(sc->listener);
	assert_non_null(sc->conv);
	close_as_far_as(sc);
	if (!scene_is_named(conv_state_name(sc->conv), state))
		fail_msg("wanted %s, came to %s", names[state], conv_state_name(sc->conv));
}

void scene_go_to(struct scene *sc, enum scene_state state)
{
	go_to(sc, state);
	see_edge(sc);
}

/* Let go of everything without a word on the wire that matters. */
void scene_leave(struct scene *sc)
{
	struct conv *call;

	if (sc->conv) {
		conv_hangup(sc->conv);
		conv_release(sc->conv);
	}
	while ((call = conv_accept(sc->listener)) != NULL) {
		conv_hangup(call);
		conv_release(call);
	}
	settle(sc);
	box_seen_all(sc->box);
	/* the half-open call, if there is one: the first, or one that a SYN has just made */
	peer_send(&sc->peer, FRAME_RST, sc->peer.irs + 1, 0, 0);
	peer_send(&sc->peer, FRAME_RST, sc->tried + 1, 0, 0);
	settle(sc);
	box_seen_all(sc->box);
}

const char *scene_state_name(enum scene_state state)
{
	return names[state];
}

bool scene_stands(const struct scene *sc)
{
	return !sc->conv || scene_is_named(conv_state_name(sc->conv), sc->state);
}

struct scene scene_open(const char *name)
{
	struct box_config config = { .name = name, .tcp_convs_max = 8192 };
	struct scene sc = { .box = box_new(&config), .port = 2000 };
	struct endpoint local = { .addr = addr_any, .port = 80 };

	sc.listener = conv_new(box_stack(sc.box), box_proto(sc.box, "tcp"), &nobody);
	assert_non_null(sc.listener);
	assert_int_equal(conv_announce(sc.listener, &local), 0);
	return sc;
}

void scene_close(struct scene *sc)
{
	conv_release(sc->listener);
	box_teardown(sc->box);
	if (box_fault(sc->box))
		fail_msg("%s", box_fault(sc->box));
	box_free(sc->box);
}
