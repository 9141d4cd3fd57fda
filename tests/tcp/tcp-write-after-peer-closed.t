# The peer's FIN does not stop us from sending; its reset does.
# row T-120 (RFC 9293 3.6)
start passive
in FIN,ACK seq 1
out ACK ack 2 within 0.499
write 100
out ACK seq 1 len 100
in RST seq 2
state Closed
write 10 = -200..-1
error ECONNRESET
