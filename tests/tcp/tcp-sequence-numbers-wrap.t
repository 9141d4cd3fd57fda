# Data, ACKs and the window go past 2^32 without a stumble, in both directions.
# row T-60 (RFC 9293 3.4)
flow a local 80 peer 10.0.0.2!4000 iss 4294966000
start passive
in stream 1..14601 by 1460
out ACK times 5..10
skip 0.5
acked 14601
in ACK seq 16061 len 1460
out ACK ack 14601
in ACK seq 14601 len 1460
out ACK ack 17521
read 17520
