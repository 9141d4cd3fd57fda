# Said when it is over already, it is over; 0 takes it back.
# row T-91 (RFC 5482)
start passive
write 10
out ACK seq 1 len 10
skip 3
ctl usertimeout 3500
ctl usertimeout 0
skip 4
state Established
ctl usertimeout 2000
out nothing for 0.001
state Closed
error ETIMEDOUT
