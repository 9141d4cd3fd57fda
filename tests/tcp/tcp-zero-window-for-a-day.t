# A connection lives as long as its probes are answered, however long the window stays shut.
# row T-82 (RFC 9293 3.8.6.1, MUST-37)
start passive win 0
write 1000
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
state Established
error none
