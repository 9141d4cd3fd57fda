# Without ECN its bits change nothing, in a SYN or later.
# row T-52 (RFC 9293 3.1; RFC 3168 6.1.1)
announce 80
in SYN,ECE,CWR seq 0 mss 1460
out SYN,ACK seq 0 ack 1
in ACK,ECE seq 1 ack 1
accept
in ACK,ECE,CWR seq 1 len 10
out ACK ack 11 within 0.499
read 10
write 10
out ACK len 10
in ACK,ECE seq 11 ack 11
out nothing for 3
