# Timestamps are compared modulo 2^32.
# row T-75 (RFC 7323 5.2)
start passive ts 4293967290:0
in ACK seq 1 len 10 ts 4293967295:last
out ACK ack 11 within 0.499
in ACK seq 11 len 10 ts 4293967400:last
out ACK ack 21 within 0.499
read 20
