# The first measurement gives SRTT = R, RTTVAR = R/2, RTO = SRTT + 4 RTTVAR.
# row T-86 (RFC 6298 2.2)
connect
out SYN seq 0
after 0.5
in SYN,ACK seq 0 ack 1 mss 1460
out ACK seq 1 ack 1
key rto_us 1490000..1510000
write 100
out ACK seq 1 len 100
out ACK seq 1 len 100 after 1.49..1.52
