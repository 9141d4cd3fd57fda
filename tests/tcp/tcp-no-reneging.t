# What was acknowledged is there, all of it.
# row T-69 (RFC 9293 3.8.6; RFC 2018 8)
announce 80
l: ctl rcvbuf 65536
start passive
in stream 1..edge by 100
out ACK times 1..1000
skip 0.5
acked edge
read 1000000 = 60000..70000
skip
