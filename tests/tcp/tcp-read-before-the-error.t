# Data that arrived before a reset is read before the error shows; the end is told once it is out.
# row T-78 (RFC 9293 3.10.7.4)
start passive
in ACK seq 1 len 10
out ACK ack 11 within 0.499
in RST seq 11
state Closed
error ECONNRESET
read 100 = 10
read 100 = ECONNRESET
