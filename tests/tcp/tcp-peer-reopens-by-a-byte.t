# A window of one byte stops nothing for ever: the data comes in the end.
# row T-83 (RFC 9293 3.8.6.2.1, MUST-38)
start passive win 0
write 5000
out any times 1..1 within 2
in ACK ack 1 win 1
skip 20
in ACK win 65535
skip 0.1
in ACK
skip 1
in ACK
skip 1
state Established
