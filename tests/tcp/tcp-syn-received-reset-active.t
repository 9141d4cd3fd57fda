# SYN-RECEIVED from an active open: a reset fails the call.
# row T-23 (RFC 9293 3.10.7.4, MUST-11)
connect
out SYN seq 0
in SYN seq 0
out SYN,ACK seq 0 ack 1
in RST seq 1
state Closed
error ECONNREFUSED
event END
out nothing for 5
