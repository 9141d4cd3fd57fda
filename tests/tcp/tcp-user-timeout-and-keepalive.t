# With keepalive it is the user's time that says when the peer is dead, not the count of probes.
# row T-92 (RFC 9293 3.8.4, MUST-29)
# row T-91 (RFC 5482)
start passive
ctl keepalive 10000
ctl usertimeout 25000
in ACK seq 1 ack 1
out ACK seq 0 len 0..1 after 9.9..10.2
out ACK seq 0 len 0..1 after 9.9..10.2
state Established
out RST,ACK after 4.9..5.2
state Closed
error ETIMEDOUT
out nothing for 600
