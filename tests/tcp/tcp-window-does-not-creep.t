# Crumbs that nobody reads shut the window, though it can only be told in steps of the scale.
# row T-113 (RFC 7323 2.4)
# row T-68 (RFC 9293 3.10.7.4)
announce 80
l: ctl rcvbuf 67108864
a: in SYN seq 0 mss 1460 ws 7
a: out SYN,ACK seq 0 ack 1 ws 11
a: in ACK seq 1 ack 1
accept
ctl rcvbuf 65536
in stream 1..400001 by 1000
skip 1
read 400000 = 60000..80000
skip 1
