# TIME-WAIT lasts 4 minutes, and each FIN that comes again is acknowledged and begins them anew.
# row T-128 (RFC 9293 3.6.1, 3.10.7.4, MUST-13)
# row T-121 (RFC 9293 3.10.7.4)
start passive
close
out FIN,ACK seq 1 ack 1
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2 within 0.199
state Time_wait
after 200
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2
after 230
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2
after 241
in FIN,ACK seq 1 ack 2
out RST seq 2
