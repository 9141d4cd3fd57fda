# However short the path, the RTO is 200 ms at least.
# row T-86 (RFC 6298 2.4, with the documented minimum)
start passive
write 100
out ACK seq 1 len 100
in ACK ack 101
write 100
out ACK seq 101 len 100
in ACK ack 201
key rto_us 200000..210000
write 100
out ACK seq 201 len 100
out ACK seq 201 len 100 after 0.199..0.215
