/*
 * states.h - the eleven states of RFC 9293 3.3.2, what is true in each, and what may follow.
 *
 * X(STATE, printed name, states that may follow, what is true in it). A state is left for
 * CLOSED from anywhere (reset, timeout, hangup), so that is not repeated. docs/tcp-states.md is
 * drawn from this list, and tcp_enter() asserts every step against it.
 */
#ifndef CATNET_TCP_STATES_H
#define CATNET_TCP_STATES_H

/* clang-format off */
#define TCP_STATES(X) \
	X(CLOSED,       "Closed",       TO(LISTEN) | TO(SYN_SENT) | TO(SYN_RECEIVED) | TO(ESTABLISHED), \
		"idle, ended or failed; nothing is sent, no timer is set") \
	X(LISTEN,       "Listen",       0, \
		"takes calls; holds no bytes; half-open calls are records of listen.c") \
	X(SYN_SENT,     "Syn_sent",     TO(SYN_RECEIVED) | TO(ESTABLISHED), \
		"our SYN is out, unanswered; snd_una is iss") \
	X(SYN_RECEIVED, "Syn_received", TO(ESTABLISHED) | TO(FINWAIT1) | TO(CLOSE_WAIT), \
		"both SYNs have crossed (simultaneous open); ours is not acknowledged yet") \
	X(ESTABLISHED,  "Established",  TO(FINWAIT1) | TO(CLOSE_WAIT), \
		"bytes go both ways") \
	X(FINWAIT1,     "Finwait1",     TO(FINWAIT2) | TO(CLOSING) | TO(TIME_WAIT), \
		"we have ended our stream; our FIN is queued or sent, not acknowledged") \
	X(FINWAIT2,     "Finwait2",     TO(TIME_WAIT), \
		"our FIN is acknowledged; the peer may still send") \
	X(CLOSE_WAIT,   "Close_wait",   TO(LAST_ACK), \
		"the peer's FIN has been taken; we may still send") \
	X(CLOSING,      "Closing",      TO(TIME_WAIT), \
		"both FINs have crossed; ours is not acknowledged") \
	X(LAST_ACK,     "Last_ack",     0, \
		"the peer ended first and we after it; our FIN is not acknowledged") \
	X(TIME_WAIT,    "Time_wait",    0, \
		"both FINs are acknowledged; old segments are let die for 2 MSL")
/* clang-format on */

#define TCP_STATE_ENUM(state, name, follow, truth) TCP_##state,
enum tcp_state { TCP_STATES(TCP_STATE_ENUM) TCP_STATES_N };
#undef TCP_STATE_ENUM

#endif
