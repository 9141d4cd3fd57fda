# A window that opens by crumbs is not filled by crumbs.
# row T-83 (RFC 9293 3.8.6.2.1, MUST-38)
start passive win 14600
write 40000
out ACK len 1460 times 2..10
in ACK win 14600
skip 0.001
in ACK win 0
skip 0.001
in ACK win 100
in ACK win 500
in ACK win 1000
out nothing for 0.05
in ACK win 2920
out ACK len 1460 times 2..2
