# ssthresh never falls under two segments.
# row T-95 (RFC 5681 3.1, equation 4)
start passive ws 7
in ACK win 8000
write 1460
out ACK seq 1 len 1460
out ACK seq 1 len 1460 after 0.19..0.25
key ssthresh 2920
key cwnd 1460
