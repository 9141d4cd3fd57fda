# After an ACK in the middle of a segment, what is sent again begins there.
# row T-85 (RFC 9293 3.8.1)
start passive
write 2920
out stream 1..2921 by 1460
in ACK ack 731
out ACK seq 731 len 730..1460 after 0.19..1.1
in ACK ack 2921
out nothing for 5
