# An MSS option outside a SYN means nothing.
# row T-06 (RFC 9293 3.7.1, MUST-67)
start passive mss 1000
in ACK seq 1 len 1 opt 020405b4
out ACK ack 2 within 0.499
in ACK seq 2 len 1 opt 02040100
out ACK ack 3 within 0.499
read 2
write 2000
out stream 1..2001 by 1000
