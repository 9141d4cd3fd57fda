# When a reader makes room in a shut window, the peer is told without asking.
# row T-67 (RFC 9293 3.8.6.2.2, 3.10.5)
announce 80
l: ctl rcvbuf 8192
start passive
in stream 1..edge by 1460
out ACK times 1..20
skip 0.5
acked edge
read 100000 = 8192..9000
out ACK seq 1 wnd 4096..16384 times 1..3
out nothing for 5
acked nxt
in ACK seq nxt len 1000
out ACK within 0.499
read 1000
