# A challenge ACK is a segment like any other: with timestamps, window and the right numbers.
# row T-74 (RFC 7323 3.2)
# row T-46 (RFC 5961 4.2)
start passive ts 1000:0
in ACK seq 1 len 10 ts 1500:last
out ACK ack 11 within 0.499
after 1
in SYN seq 11
out ACK seq 1 ack 11 ts *:1500
read 10
