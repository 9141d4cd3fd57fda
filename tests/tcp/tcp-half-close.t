# FIN goes behind all data, and what the peer still sends is read.
# row T-120 (RFC 9293 3.6, MAY-1)
start passive win 1460
write 3000
out ACK seq 1 len 1460
shutdown wr
out nothing for 0.05
write 1 = EPIPE
in ACK ack 1461 win 60000
out ACK seq 1461 len 1460
out FIN,ACK,PSH seq 2921 len 80
state Finwait1
in ACK ack 3002
state Finwait2
in ACK seq 1 len 1000
out ACK seq 3002 ack 1001 within 0.499
in ACK seq 1001 len 1000
out ACK ack 2001 within 0.499
read 2000
in FIN,ACK seq 2001 ack 3002
out ACK seq 3002 ack 2002 within 0.499
read 1 = EOF
state Time_wait
