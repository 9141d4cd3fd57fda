# Without timestamps in the SYN,ACK there are none after it.
# row T-74 (RFC 7323 3.2)
connect
out SYN seq 0 ts *:0
in SYN,ACK seq 0 ack 1 mss 1460
out ACK seq 1 ack 1 no-ts
write 1460
out ACK seq 1 len 1460 no-ts
