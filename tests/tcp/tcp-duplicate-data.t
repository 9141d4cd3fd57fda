# Data that was taken already is acknowledged at once.
# row T-40 (RFC 9293 3.10.7.4)
start passive
in ACK seq 1 len 100
out ACK ack 101 within 0.499
in ACK seq 1 len 100
out ACK seq 1 ack 101
after 1
in ACK seq 51 len 50
out ACK seq 1 ack 101
read 1000 = 100
count tcp_duplicates 2
