# A call has the TTL and type of service of its listener from the SYN,ACK on.
# row T-14 (RFC 9293 3.9.1.1, MUST-48, MUST-49)
announce 80
l: ctl ttl 33
l: ctl tos 72
in SYN seq 0
out SYN,ACK seq 0 ack 1 ttl 33 tos 72
in ACK seq 1 ack 1
accept
write 10
out ACK seq 1 len 10 ttl 33 tos 72
