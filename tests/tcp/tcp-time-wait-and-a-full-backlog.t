# A SYN that finds no room leaves TIME-WAIT as it is; the next one still begins above it.
# row T-130 (RFC 9293 3.6.1, MAY-2)
start passive
close
out FIN,ACK seq 1 ack 1
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2 within 0.199
release
l: ctl backlog 1
b: in SYN seq 0 mss 1460
b: out SYN,ACK seq 0 ack 1
a: in SYN seq 900000 mss 1460
a: out ACK seq 2 ack 2
a: in FIN,ACK seq 1 ack 2
a: out ACK seq 2 ack 2 within 0.199
skip 70
