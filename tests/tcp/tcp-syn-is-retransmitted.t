# A SYN is sent again with back-off and the same number, for 3 minutes at least.
# row T-27 (RFC 9293 3.8.3, MUST-22, MUST-23; RFC 6298 2.1, 5.5)
# row T-86 (RFC 6298 2.1)
# row T-28 (RFC 9293 3.8.3)
connect
out SYN seq 0
out SYN seq 0 after 0.98..1.03
out SYN seq 0 after 1.95..2.06
out SYN seq 0 after 3.9..4.1
out SYN seq 0 after 7.8..8.2
out SYN seq 0 after 15.8..16.2
skip 148
state Syn_sent
skip 300
state Closed
error ETIMEDOUT
event END
out nothing for 600
