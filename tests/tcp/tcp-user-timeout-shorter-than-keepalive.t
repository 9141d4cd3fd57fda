# However short the user's time is, a probe comes first and has time to be answered.
# row T-92 (RFC 9293 3.8.4, MUST-28, MUST-29)
# row T-91 (RFC 5482)
start passive
ctl keepalive 10000
ctl usertimeout 1000
in ACK seq 1 ack 1
out ACK seq 0 len 0..1 after 9.9..10.2
in ACK seq 1 ack 1
out ACK seq 0 len 0..1 after 9.9..10.2
state Established
out RST,ACK after 9.9..10.2
error ETIMEDOUT
