# The third duplicate ACK sends the missing segment at once; the first two let out a new one each.
# row T-97 (RFC 5681 3.2)
# row T-96 (RFC 3042; RFC 5681 3.2)
start passive ws 7
in ACK win 8000
write 200000
out stream 1..14601 by 1460
in ACK ack 1461
out stream 14601..17521 by 1460
# the segment at 1461 is lost
in ACK ack 1461
out ACK seq 17521 len 1460
in ACK ack 1461
out ACK seq 18981 len 1460
in ACK ack 1461
out ACK seq 1461 len 1460
count tcp_fast_retransmits 1
out nothing for 0.05
key ssthresh 7300..9500
