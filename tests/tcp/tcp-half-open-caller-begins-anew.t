# A caller who has forgotten his first SYN, and his timestamps, is told where we stand.
# row T-76 (RFC 7323 3.2; RFC 9293 3.5.1)
announce 80
in SYN seq 0 mss 1460 ts 100:0
out SYN,ACK seq 0 ack 1
in SYN seq 500000 mss 1460
out ACK seq 1 ack 1
in RST seq 1
in SYN seq 500000 mss 1460
out SYN,ACK ack 500001
