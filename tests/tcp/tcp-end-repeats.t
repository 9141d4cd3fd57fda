# After the peer's end a read gives the end each time, and what follows the FIN is refused.
# row T-78 (RFC 9293 3.10.4, 3.10.7.4)
start passive
in ACK seq 1 len 10
out ACK ack 11 within 0.499
in FIN,ACK seq 11
out ACK ack 12 within 0.499
event PEER_END
in ACK seq 12 len 10
out ACK times 0..1 ack 12
skip 1
read 100 = 10
read 100 = EOF
read 100 = EOF
state Close_wait
