# A call that is given up before it is answered leaves no trace.
# row T-126 (RFC 9293 3.10.5)
connect
out SYN seq 0
hangup
out nothing for 300
in SYN,ACK seq 0 ack 1
out RST seq 1
