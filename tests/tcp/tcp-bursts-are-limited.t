# One ACK for much lets out no long burst.
# row T-112 (RFC 5681 4.1; RFC 3465 2.3)
start passive ws 7
in ACK win 8000
write 1000000
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
in ACK
skip 0.001
key cwnd 14600..30000
