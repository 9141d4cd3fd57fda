# Each timeout doubles the RTO, up to 60 s at least.
# row T-88 (RFC 6298 5.5)
# row T-86 (RFC 6298 2.5)
connect
out SYN seq 0
after 0.5
in SYN,ACK seq 0 ack 1 mss 1460
out ACK seq 1 ack 1
write 100
out ACK seq 1 len 100
out ACK seq 1 len 100 after 1.49..1.53
out ACK seq 1 len 100 after 2.98..3.05
out ACK seq 1 len 100 after 5.96..6.1
out ACK seq 1 len 100 after 11.9..12.2
out ACK seq 1 len 100 after 23.8..24.3
out ACK seq 1 len 100 after 47.7..48.5
out ACK seq 1 len 100 after 60..97
state Established
