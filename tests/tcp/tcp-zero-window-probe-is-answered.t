# A probe of our shut window is answered with an ACK, and its byte not taken.
# row T-51 (RFC 9293 3.8.6.1, 3.10.7.4)
# row T-68 (RFC 9293 3.10.7.4)
announce 80
l: ctl rcvbuf 8192
start passive
in stream 1..edge by 1460
out ACK times 1..20
skip 0.5
acked edge
in ACK seq edge len 1
out ACK seq 1 wnd 0
after 1
in ACK seq edge len 1
out ACK seq 1 wnd 0
acked edge
read 100000 = 8192..9000
out ACK seq 1 ack edge-edge+nxt times 0..2
skip
