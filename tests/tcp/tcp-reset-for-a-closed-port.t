# What comes to no conversation is reset: with the number it acknowledged, or, without ACK, with
# zero and an ACK of all it held.
# row T-48 (RFC 9293 3.5.2, 3.10.7.1)
q: flow q local 99
q: in ACK seq 5 ack 77 len 10
q: out RST seq 77
q: in FIN,ACK seq 5 ack 78
q: out RST seq 78
q: in SYN,ACK seq 5 ack 79
q: out RST seq 79
q: in SYN seq 0
q: out RST,ACK seq 0 ack 1
q: in SYN seq 10 len 5
q: out RST,ACK seq 0 ack 16
q: in - seq 20 len 10
q: out RST,ACK seq 0 ack 30
q: in FIN seq 40 len 10
q: out RST,ACK seq 0 ack 51
q: in URG,PSH seq 60
q: out RST,ACK seq 0 ack 60
count tcp_drop_no_conv 8
