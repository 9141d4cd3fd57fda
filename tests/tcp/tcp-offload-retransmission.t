# With offload a lost segment is sent again alone.
# row T-85 (RFC 9293 3.8.1)
link offload
start passive ws 7
in ACK win 8000
write 14600
out stream 1..14601 by 1460
in ACK ack 4381
in ACK ack 4381
in ACK ack 4381
in ACK ack 4381
out ACK seq 4381 len 1460
in ACK ack 14601
out nothing for 5
