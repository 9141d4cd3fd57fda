# With timestamps an ACK for what was sent twice is a measurement.
# row T-87 (RFC 6298 3; RFC 7323 4.1)
connect
out SYN seq 0
after 0.5
in SYN,ACK seq 0 ack 1 mss 1460 ts 1:last
out ACK seq 1 ack 1
write 100
out ACK seq 1 len 100
out ACK seq 1 len 100 after 1.49..1.53
after 0.4
in ACK ack 101 ts 2000:last
key srtt_us 470000..500000
key rto_us 1200000..1450000
