# A window that stays shut for as long as the user said ends the connection, answered or not.
# row T-82 (RFC 9293 3.8.6.1; RFC 6429)
# row T-91 (RFC 5482)
start passive win 0
ctl usertimeout 10000
write 1000
out ACK seq 0..1 len 0..1 within 1.1
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 3
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 6
in ACK ack 1 win 0
skip 8.4
state Established
out RST,ACK within 0.4
state Closed
error ETIMEDOUT
out nothing for 600
