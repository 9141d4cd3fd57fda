# TTL and type of service of a conversation are on all it sends: SYN, ACK, data, RST.
# row T-14 (RFC 9293 3.9.1.1, MUST-48, MUST-49)
# row I-06 (RFC 1122 3.2.1.7)
# row I-07 (RFC 1122 3.2.1.6)
ctl ttl 33
ctl tos 72
connect
out SYN seq 0 ttl 33 tos 72
in SYN,ACK seq 0 ack 1 ttl 1
out ACK seq 1 ack 1 ttl 33 tos 72
write 10
out ACK seq 1 len 10 ttl 33 tos 72
hangup
out RST,ACK seq 11 ttl 33 tos 72
