# Later measurements are smoothed with 1/8 and 1/4.
# row T-86 (RFC 6298 2.3)
connect
out SYN seq 0
after 0.5
in SYN,ACK seq 0 ack 1 mss 1460
out ACK seq 1 ack 1
# R' = 0.5: RTTVAR = 3/4 * 0.25 = 0.1875, SRTT = 0.5
write 100
out ACK seq 1 len 100
after 0.5
in ACK ack 101
key rto_us 1240000..1260000
key srtt_us 498000..502000
key rttvar_us 185000..190000
# R' = 0.9: RTTVAR = 0.1875 * 3/4 + 0.4 / 4 = 0.240625, SRTT = 0.55
write 100
out ACK seq 101 len 100
after 0.9
in ACK ack 201
key srtt_us 547000..553000
key rttvar_us 237000..244000
key rto_us 1500000..1525000
write 100
out ACK seq 201 len 100
out ACK seq 201 len 100 after 1.5..1.54
