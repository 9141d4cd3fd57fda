# After a timeout ssthresh is half of what was in flight.
# row T-95 (RFC 5681 3.1, equation 4)
start passive ws 7
in ACK win 8000
write 14600
out stream 1..14601 by 1460
out ACK seq 1 len 1460 after 0.19..0.25
key ssthresh 7300
key cwnd 1460
# again: only the first timeout of a segment counts
out ACK seq 1 len 1460 after 0.38..0.5
key ssthresh 7300
