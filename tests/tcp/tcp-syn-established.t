# A SYN in a connection is challenged, whatever its number; the connection stands.
# row T-46 (RFC 5961 4.2; RFC 9293 3.10.7.4)
start passive
in SYN seq 1
out ACK seq 1 ack 1
after 1
in SYN seq 500
out ACK seq 1 ack 1
after 1
in SYN seq 0
out ACK seq 1 ack 1
after 1
in SYN seq edge+77
out ACK seq 1 ack 1
after 1
in SYN,ACK seq 1 ack 1
out ACK seq 1 ack 1
after 1
in SYN seq 1 len 10
out ACK seq 1 ack 1
state Established
count tcp_drop_syn 4
after 1
in ACK seq 1 len 10
out ACK seq 1 ack 11 within 0.499
read 100 = 10
