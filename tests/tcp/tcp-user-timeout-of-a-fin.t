# A FIN that is not acknowledged is something sent, too; and there are no two ways to wait for it.
# row T-91 (RFC 5482)
start passive
ctl usertimeout 5000
shutdown wr
out FIN,ACK seq 1 ack 1
skip 4.9
state Finwait1
skip 0.2
state Closed
error ETIMEDOUT
