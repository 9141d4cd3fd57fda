# In a synchronised state a segment without ACK is dropped.
# row T-42 (RFC 9293 3.10.7.4)
start passive
in - seq 1 len 10
in PSH seq 1 len 10
in FIN seq 1
in FIN,PSH,URG seq 1
out nothing for 1
count tcp_drop_no_ack 4
read 10 = EAGAIN
state Established
