# SYN-SENT: an acceptable ACK alone, or a FIN, changes nothing.
# row T-22 (RFC 9293 3.10.7.3)
connect
out SYN seq 0
in ACK seq 1 ack 1
in FIN,ACK seq 1 ack 1
in FIN seq 1
in - seq 1 len 10
out nothing for 0.5
state Syn_sent
count tcp_drop_syn_sent 4
in SYN,ACK seq 0 ack 1
out ACK seq 1 ack 1
state Established
