# A stalled device delays a connection and does it no harm.
# row T-85 (RFC 9293 3.8.1)
start passive
stall
write 2920
out nothing for 0.05
unstall
out stream 1..2921 by 1460
in ACK ack 2921
stall
shutdown wr
in ACK seq 1 len 10
out nothing for 0.05
unstall
skip 1
in ACK seq 11 ack 2922
state Finwait2
read 10
