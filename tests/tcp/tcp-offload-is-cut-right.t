# A long packet for the device is cut into segments that are as those we would cut.
# row T-84 (RFC 9293 3.7.4)
link offload
start passive ws 7 ts 5:0
in ACK win 8000
write 14480
out stream 1..14481 by 1448
in ACK ack 14481
write 100
out ACK,PSH seq 14481 len 100
in ACK ack 14581
out nothing for 5
