# After more than 24 days of silence an old-looking timestamp is no evidence.
# row T-75 (RFC 7323 5.5)
start passive ts 1000:0
in ACK seq 1 len 10 ts 2000:last
out ACK ack 11 within 0.499
after 2160000
in ACK seq 11 len 10 ts 1000:last
out ACK ack 21 within 0.499
read 20
