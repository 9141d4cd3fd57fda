# The first flight is 10 segments at most.
# row T-93 (RFC 6928 2; RFC 5681 3.1)
start passive ws 7
in ACK win 8000
write 100000
out ACK len 1460 times 2..10
out nothing for 0.05
key cwnd 2920..14600
