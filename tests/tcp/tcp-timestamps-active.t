# We offer timestamps, and use them when they are accepted.
# row T-74 (RFC 7323 3.2)
connect
out SYN seq 0 ts *:0
in SYN,ACK seq 0 ack 1 mss 1460 ts 7:last
out ACK seq 1 ack 1 ts *:7
write 10
out ACK seq 1 len 10 ts *:7
