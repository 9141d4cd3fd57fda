# When a SYN had to be sent again the RTO for data begins at 3 s, and with one segment.
# row T-89 (RFC 6298 5.7)
# row T-93 (RFC 5681 3.1)
connect
out SYN seq 0
out SYN seq 0 after 0.98..1.03
in SYN,ACK seq 0 ack 1 mss 1460
out ACK seq 1 ack 1
write 10000
out ACK seq 1 len 1460
out nothing for 2.9
out ACK seq 1 len 1460 after 0.05..0.2
