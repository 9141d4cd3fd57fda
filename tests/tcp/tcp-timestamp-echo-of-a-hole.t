# Beyond a hole the echo stays that of the last segment in order; the one that fills it counts.
# row T-74 (RFC 7323 4.3, B and C)
start passive ts 100:0
in ACK seq 1 len 1460 ts 1000:last
out ACK ack 1461 ts *:1000 within 0.499
in ACK seq 2921 len 1460 ts 1002:last
out ACK ack 1461 ts *:1000
in ACK seq 5841 len 1460 ts 1004:last
out ACK ack 1461 ts *:1000
in ACK seq 1461 len 1460 ts 1003:last
out ACK ack 4381 ts *:1003
in ACK seq 4381 len 1460 ts 1005:last
out ACK ack 7301 ts *:1005
read 7300
