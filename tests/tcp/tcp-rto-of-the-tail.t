# The last segment of a flight alone lost is sent again after the RTO, and only it.
# row T-88 (RFC 6298 5.4)
start passive ws 7
in ACK win 8000
write 4380
out stream 1..4381 by 1460
in ACK ack 2921
out ACK seq 2921 len 1460 after 0.19..0.5
in ACK ack 4381
out nothing for 5
count tcp_segs_retransmitted 1
