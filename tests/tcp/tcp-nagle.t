# With data in flight, less than a full segment waits for its acknowledgement.
# row T-83 (RFC 9293 3.7.4, SHLD-7)
start passive
write 10
out ACK seq 1 len 10
write 20
write 30
out nothing for 0.1
in ACK ack 11
out ACK seq 11 len 50
write 1500
out ACK seq 61 len 1460
out nothing for 0.05
in ACK ack 61
out nothing for 0.05
in ACK ack 1521
out ACK seq 1521 len 40
