# The acceptability test of data: left of the window and right of it, answered by an ACK and
# dropped; at both edges inside, kept.
# row T-40 (RFC 9293 3.10.7.4)
# row T-68 (RFC 9293 3.10.7.4)
announce 80
l: ctl rcvbuf 16384
start passive
in ACK seq 0 len 1
out ACK seq 1 ack 1
after 1
in ACK seq edge len 1
out ACK seq 1 ack 1
after 1
in ACK seq edge+1000 len 100
out ACK seq 1 ack 1
after 1
in ACK seq edge-1 len 1
out ACK seq 1 ack 1
in ACK seq 1 len 1
out ACK seq 1 ack 2 within 0.499
read 10 = 1
count tcp_drop_outside_window 2..3
