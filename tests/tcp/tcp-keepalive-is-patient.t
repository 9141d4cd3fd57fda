# One probe that is not answered does not end a connection; a row of them does.
# row T-92 (RFC 9293 3.8.4, MUST-26, MUST-29, SHLD-12)
start passive
ctl keepalive 10000
out ACK seq 0 len 0..1 after 9.9..10.2
out ACK seq 0 len 0..1 after 0.5..75.5
state Established
in ACK seq 1 ack 1
out ACK seq 0 len 0..1 after 9.9..10.2
skip 3600
state Closed
error ETIMEDOUT
