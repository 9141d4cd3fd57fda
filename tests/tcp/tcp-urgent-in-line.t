# Urgent bytes of any number, wherever the pointer points, stay in the stream.
# row T-15 (RFC 9293 3.8.5, MUST-31, MUST-62)
start passive
in ACK seq 1 len 10 urg 5
out ACK ack 11 within 0.499
in ACK seq 11 len 10 urg 65535
out ACK ack 21 within 0.499
in ACK seq 21 len 10 urg 0
out ACK ack 31 within 0.499
in ACK seq 31 len 0 urg 7
in ACK seq 31 len 1000 urg 1000
out ACK ack 1031 within 0.499
read 1030
state Established
