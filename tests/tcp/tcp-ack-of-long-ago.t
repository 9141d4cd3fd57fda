# An ACK older than the largest window we were offered is challenged, and its data dropped.
# row T-44 (RFC 5961 5)
start passive
in ACK seq 1 ack -70000 len 10
out ACK seq 1 ack 1
out nothing for 0.6
read 10 = EAGAIN
count tcp_drop_ack 1
in ACK seq 1 ack 1 len 10
out ACK seq 1 ack 11 within 0.499
read 10
