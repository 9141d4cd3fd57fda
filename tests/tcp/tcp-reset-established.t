# A reset ends a connection only at exactly the number expected; in the window it is challenged,
# outside ignored.
# row T-45 (RFC 5961 3.2; RFC 9293 3.10.7.4)
# row T-50 (RFC 9293 3.10.7.4, MUST-12)
start passive
in RST seq edge
in RST seq 0
in RST seq -1000
in RST seq edge+1000
out nothing for 1
state Established
count tcp_drop_reset 4
in RST seq 2
out ACK seq 1 ack 1
after 1
in RST seq edge-1
out ACK seq 1 ack 1
count tcp_challenge_acks 2
state Established
in RST seq 1
state Closed
event END
event IN
error ECONNRESET
read 10 = ECONNRESET
write 10 = -200..-1
out nothing for 300
