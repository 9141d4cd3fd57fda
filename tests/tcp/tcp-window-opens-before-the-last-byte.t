# A reader that leaves a single byte does not keep the window shut.
# row T-67 (RFC 9293 3.8.6.2.2, MUST-39)
announce 80
l: ctl rcvbuf 16384
start passive
in stream 1..edge by 1460
out ACK times 1..20
skip 0.5
acked edge
read 16383
skip 0.5
check edge-nxt 8192..20000
