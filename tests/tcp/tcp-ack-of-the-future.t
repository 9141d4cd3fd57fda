# An ACK for what was not sent is answered and dropped: no data, window or timestamp is taken.
# row T-43 (RFC 9293 3.10.7.4)
start passive ts 100:0
write 10
out ACK seq 1 len 10
in ACK seq 1 ack 10000 len 10 win 1 ts 900000:last
out ACK seq 11 ack 1
after 0.02
in ACK seq 1 ack 11 win 20000 len 10 ts 200000:last
out ACK seq 11 ack 11 within 0.499
read 100 = 10
write 5000
out stream 11..4355 by 1448
skip 1
