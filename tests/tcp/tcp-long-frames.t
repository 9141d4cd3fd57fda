# Frames of 9,000 bytes are taken and sent whole; in order, ahead of their time, and in part.
# row T-61 (RFC 9293 3.10.7.4)
# row T-06 (RFC 9293 3.7.1)
link mtu 9000
start passive mss 8960
in ACK seq 1 len 8960
out ACK ack 8961 within 0.499
in ACK seq 17921 len 8960
out ACK ack 8961
in ACK seq 8901 len 8960
out ACK ack 17861
in ACK seq 17861 len 100
out ACK ack 26881
read 26880
write 17920
out stream 1..17921 by 8960
in ACK seq 26881 ack 17921
out nothing for 3
