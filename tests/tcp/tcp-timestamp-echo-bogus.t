# An echo that we never sent, or of long ago, does not poison the round-trip time.
# row T-87 (RFC 7323 4.1, RFC 6298 2)
start passive ts 1000:0
write 10
out ACK seq 1 len 10 save A
after 0.05
in ACK ack 11 ts 1100:A.tsval+500000000
key rto_us 200000..1100000
write 10
out ACK seq 11 len 10
after 0.05
in ACK ack 21 ts 1200:A.tsval-500000000
key rto_us 200000..1100000
write 10
out ACK seq 21 len 10
after 0.05
in ACK ack 31 ts 1300:0
key rto_us 200000..1100000
write 10
out ACK seq 31 len 10
out ACK seq 31 len 10 within 1.2
in ACK ack 41
