# A connection survives as long without an answer as the user said, also longer than by default.
# row T-90 (RFC 9293 3.8.3)
# row T-91 (RFC 5482)
start passive
ctl usertimeout 36000000
write 100
out ACK seq 1 len 100
skip 35990
state Established
in ACK ack 101
out nothing for 1000
write 100
out ACK seq 101 len 100
skip 36001
state Closed
error ETIMEDOUT
