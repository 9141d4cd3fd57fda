# One small segment is acknowledged within half a second.
# row T-62 (RFC 9293 3.8.6.3, MUST-40; RFC 1122 4.2.3.2)
start passive
in ACK seq 1 len 100
out ACK seq 1 ack 101 within 0.499
in ACK seq 101 len 100
out ACK seq 1 ack 201 within 0.499
out nothing for 5
count tcp_delayed_acks 2
read 200
