# With a longer time of the user's there are more probes than by default.
# row T-92 (RFC 9293 3.8.4)
# row T-91 (RFC 5482)
start passive
ctl keepalive 10000
ctl usertimeout 6000000
in ACK seq 1 ack 1
skip 5990
state Established
skip 20
state Closed
error ETIMEDOUT
