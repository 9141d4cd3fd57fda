# With our window shut, ACKs, urgent pointers and resets are still processed.
# row T-51 (RFC 9293 3.10.7.4, MUST-66)
announce 80
l: ctl rcvbuf 8192
start passive
in stream 1..edge by 1460
out ACK times 1..20
skip 0.5
acked edge
write 100
out ACK seq 1 len 100 wnd 0
in ACK seq nxt ack 101 win 30000
out nothing for 3
write 100
out ACK seq 101 len 100
in ACK,URG seq nxt ack 201 win 30000 urg 3
out nothing for 3
in RST seq nxt
state Closed
error ECONNRESET
