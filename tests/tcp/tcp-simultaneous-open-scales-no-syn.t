# The window of the SYN,ACK that answers our SYN in a simultaneous open is not scaled.
# row T-73 (RFC 7323 2.2)
connect
out SYN seq 0
in SYN seq 0 mss 1460 ws 7 win 1000
out SYN,ACK seq 0 ack 1
in SYN,ACK seq 0 ack 1 mss 1460 ws 7 win 1000
skip 0.1
state Established
write 5000
out ACK seq 1 len 1000
out nothing for 0.1
in ACK seq 1 ack 1001 win 100
out ACK seq 1001 len 1460
out ACK seq 2461 len 1460
in ACK seq 1 ack 3921 win 100
out ACK seq 3921 len 1080
in ACK seq 1 ack 5001 win 100
out nothing for 3
