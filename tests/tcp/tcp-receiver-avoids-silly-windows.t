# A window that was shut opens by a segment or half the buffer, not byte by byte.
# row T-66 (RFC 9293 3.8.6.2.2, MUST-39)
announce 80
l: ctl rcvbuf 16384
start passive
in stream 1..edge by 1460
out ACK times 1..20
skip 0.5
acked edge
read 1
read 99
read 900
read 459
out nothing for 2
# the buffer is counted in blocks, so how soon is the stack's own affair, but not how much
read 8192
skip 0.5
check edge-nxt 1460..20000
in stream nxt..edge by 1460
skip 0.5
read 100000 = 10000..20000
skip 0.5
check edge-nxt 8192..20000
