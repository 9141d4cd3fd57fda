# Without an MSS option the peer takes 536 bytes and no more.
# row T-07 (RFC 9293 3.7.1, MUST-15)
start passive no-mss
write 1608
out stream 1..1609 by 536
