# With data in flight and the window shut behind it, what is lost is still sent again.
# row T-82 (RFC 9293 3.8.6.1)
start passive win 2920
write 10000
out stream 1..2921 by 1460
in ACK ack 1461 win 0
out ACK seq 1461 len 1..1460 after 0.19..1.1
in ACK ack 2921 win 0
out any times 1..1 within 3
in ACK ack 2921 win 5840
skip 0.001
state Established
