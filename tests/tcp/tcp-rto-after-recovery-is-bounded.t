# After six losses one new measurement brings the RTO back.
# row T-88 (RFC 6298 5.7)
start passive
write 100
out ACK seq 1 len 100
out ACK seq 1 len 100 within 1
out ACK seq 1 len 100 within 2
out ACK seq 1 len 100 within 4
out ACK seq 1 len 100 within 8
in ACK ack 101
write 100
out ACK seq 101 len 100
after 0.01
in ACK ack 201
key rto_us 200000..1200000
