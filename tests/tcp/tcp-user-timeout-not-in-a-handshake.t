# In a handshake the user's time does not count: a SYN is tried for 3 minutes at least.
# row T-27 (RFC 9293 3.8.3, MUST-23)
# row T-91 (RFC 5482)
ctl usertimeout 1000
connect
out SYN seq 0
skip 179
state Syn_sent
in SYN,ACK seq 0 ack 1
out ACK seq 1 ack 1
out nothing for 60
state Established
write 10
out ACK seq 1 len 10
skip 1.1
error ETIMEDOUT
