# What is written while connecting is sent when the connection stands.
# row T-120 (RFC 9293 3.10.2)
connect
out SYN seq 0
write 100 = -11..100
in SYN,ACK seq 0 ack 1
out ACK seq 1 ack 1 len 0..100
skip 0.1
state Established
