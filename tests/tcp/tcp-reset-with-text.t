# A reset that carries text, the reason in words, is obeyed all the same.
# row T-50 (RFC 9293 3.10.7.4, MUST-12, SHLD-2)
start passive
in RST,ACK seq 1 ack 1 len 20
state Closed
error ECONNRESET
read 100 = ECONNRESET
