# Calls beyond the backlog are dropped without a reset, and come in when there is room.
# row T-29 (RFC 4987 3.4)
announce 80
l: ctl backlog 2
a: in SYN seq 0
a: out SYN,ACK seq 0 ack 1
a: in ACK seq 1 ack 1
b: in SYN seq 0
b: out SYN,ACK seq 0 ack 1
b: in ACK seq 1 ack 1
c: in SYN seq 0
c: out nothing for 1
count tcp_drop_backlog 1
a: accept
c: in SYN seq 0
c: out SYN,ACK seq 0 ack 1
c: in ACK seq 1 ack 1
b: accept
c: accept
c: state Established
