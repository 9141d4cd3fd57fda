# In slow start one ACK adds one segment, or two with byte counting, however much it covers.
# row T-94 (RFC 5681 3.1, equation 2; RFC 3465 2.2)
# row T-55 (RFC 3465 2.3)
start passive ws 7
in ACK win 8000
write 200000
out stream 1..14601 by 1460
out nothing for 0.01
in ACK ack 14601
out ACK len 1460 times 11..12
out nothing for 0.01
