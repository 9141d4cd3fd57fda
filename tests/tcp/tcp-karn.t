# An ACK for what was sent twice is no measurement; the RTO stays backed off until there is one.
# row T-87 (RFC 6298 3, MUST-18)
# row T-88 (RFC 6298 5.5, 5.7)
connect
out SYN seq 0
after 0.5
in SYN,ACK seq 0 ack 1 mss 1460
out ACK seq 1 ack 1
write 100
out ACK seq 1 len 100
out ACK seq 1 len 100 after 1.49..1.53
after 0.01
in ACK ack 101
key srtt_us 498000..502000
write 100
out ACK seq 101 len 100
out ACK seq 101 len 100 after 2.98..3.06
