# Unknown options are skipped by their length, no-operation and end-of-options understood, at any
# alignment, in a SYN and in any other segment.
# row T-03 (RFC 9293 3.1, MUST-4, MUST-5, MUST-6, MUST-64)
announce 80
in SYN seq 0 opt fe04abcd01020405b4fd03ff0101010000
out SYN,ACK seq 0 ack 1
in ACK seq 1 ack 1
accept
write 2920
out stream 1..2921 by 1460
in ACK seq 1 ack 2921 len 10 opt 01fe05010203010000000000
out ACK ack 11 within 0.499
in ACK seq 11 len 10 opt fd02fd02fd020100
out ACK ack 21 within 0.499
read 20
