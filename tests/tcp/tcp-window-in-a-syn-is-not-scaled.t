# The window field of a SYN,ACK counts single bytes.
# row T-73 (RFC 7323 2.2)
connect
out SYN seq 0
in SYN,ACK seq 0 ack 1 mss 1460 ws 7 win 2920
out ACK seq 1 ack 1
write 100000
out stream 1..2921 by 1460
out nothing for 0.01
