# SYN-SENT: a reset with an acceptable ACK refuses the call.
# row T-22 (RFC 9293 3.10.7.3)
connect
out SYN seq 0
in RST,ACK seq 0 ack 1
state Closed
event END
error ECONNREFUSED
out nothing for 5
