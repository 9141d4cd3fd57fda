# With delayed ACKs the echo is that of the first segment that is not acknowledged yet.
# row T-74 (RFC 7323 4.3, A)
start passive ts 100:0
batch
in ACK seq 1 len 10 ts 110:last
in ACK seq 11 len 10 ts 120:last
in ACK seq 21 len 10 ts 130:last
end
out ACK ack 31 ts *:110 within 0.499
batch
in ACK seq 31 len 10 ts 1140:last
in ACK seq 41 len 10 ts 1150:last
end
out ACK ack 51 ts *:1140 within 0.499
read 50
