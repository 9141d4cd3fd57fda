# When the window shrinks no new data is sent past its edge, but what was sent is sent again and
# the connection lives.
# row T-80 (RFC 9293 3.8.6, MUST-34, SHLD-15, SHLD-16, SHLD-17)
start passive win 4380
write 20000
out stream 1..4381 by 1460
in ACK ack 1461 win 1000
out ACK seq 1461 len 1000..1460 after 0.1..1.5
state Established
out ACK seq 1461 len 1000..1460 after 0.1..3
in ACK ack 4381 win 2920
out ACK seq 4381 len 1460
skip 0.001
state Established
