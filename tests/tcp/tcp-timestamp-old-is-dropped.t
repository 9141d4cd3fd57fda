# A segment with an older timestamp is acknowledged and dropped.
# row T-75 (RFC 7323 5.3)
start passive ts 1000:0
in ACK seq 1 len 10 ts 2000:last
out ACK ack 11 within 0.499
after 1
in ACK seq 11 len 10 ts 1999:last
out ACK ack 11 ts *:2000
after 1
in ACK seq 11 len 10 ts -2000000:last
out ACK ack 11 ts *:2000
count tcp_drop_paws 2
in ACK seq 11 len 10 ts 2000:last
out ACK ack 21 within 0.499
read 100 = 20
