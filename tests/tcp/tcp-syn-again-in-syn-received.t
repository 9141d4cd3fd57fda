# A SYN that comes a second time is answered again, and is no second call.
# row T-46 (RFC 9293 3.10.7.4)
announce 80
in SYN seq 0
out SYN,ACK seq 0 ack 1 save S
after 0.7
in SYN seq 0
out any times 1..1
in ACK seq 1 ack 1
accept
b: accept = EAGAIN
state Established
