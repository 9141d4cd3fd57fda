# LISTEN: a reset is ignored, an acknowledgement reset, a SYN taken, the rest dropped.
# row T-21 (RFC 9293 3.10.7.2)
announce 80
in RST seq 0
in RST,ACK seq 0 ack 7
out nothing for 1
in ACK seq 5 ack 77
out RST seq 77
in SYN,ACK seq 5 ack 78
out RST seq 78
in FIN,ACK seq 5 ack 79
out RST seq 79
in - seq 5 len 10
in FIN seq 5
in URG,PSH seq 5
out nothing for 1
count tcp_drop_listen 3..9
in SYN seq 0
out SYN,ACK seq 0 ack 1
in ACK seq 1 ack 1
accept
