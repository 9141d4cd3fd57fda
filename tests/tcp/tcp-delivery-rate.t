# How fast the peer takes what is sent: bytes over a round trip, or whatever longer time it took.
start passive
key delivery_rate_bytes_per_s 0
write 2920
out stream 1..2921 by 1460
after 0.1
in ACK ack 2921
key delivery_rate_bytes_per_s 29200
write 14600
out stream 2921..17521 by 1460
after 0.1
in ACK ack 10221
after 0.1
in ACK ack 17521
key delivery_rate_bytes_per_s 73000
# What the program's own pace makes slow says nothing about the network.
write 100
out ACK seq 17521 len 100
after 0.15
in ACK ack 17621
key delivery_rate_bytes_per_s 73000
