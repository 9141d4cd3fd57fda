# Duplicates after recovery that speak of the same loss do not begin another.
# row T-98 (RFC 6582 3.2, step 1, and 4.1)
start passive ws 7
in ACK win 8000
write 14600
out stream 1..14601 by 1460
in ACK ack 1
in ACK ack 1
in ACK ack 1
out ACK seq 1 len 1460
# the timer ends the recovery
out ACK seq 1 len 1460 after 0.1..0.5
in ACK ack 1461
out ACK seq 1461 len 1460
out ACK seq 2921 len 1460
in ACK ack 1461
in ACK ack 1461
in ACK ack 1461
skip 0.001
count tcp_fast_retransmits 1
