# CLOSE-WAIT: data is sent, and sent again, as before the peer's FIN.
# row T-121 (RFC 9293 3.10.7.4)
start passive
in FIN,ACK seq 1 ack 1
out ACK seq 1 ack 2 within 0.499
write 100
out ACK seq 1 ack 2 len 100
out ACK seq 1 ack 2 len 100 after 0.19..1.1
in ACK seq 2 ack 101 win 50
write 100
out nothing for 0.001
skip 3
in ACK seq 2 win 5000
skip 0.5
state Close_wait
