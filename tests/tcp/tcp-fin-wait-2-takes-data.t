# FIN-WAIT-2: data is taken and acknowledged, out of order too; then FIN.
# row T-121 (RFC 9293 3.10.7.4)
start passive
shutdown wr
out FIN,ACK seq 1 ack 1
in ACK seq 1 ack 2
in ACK seq 101 ack 2 len 100
out ACK seq 2 ack 1
in FIN,ACK seq 201 ack 2
out ACK seq 2 ack 1
in ACK seq 1 ack 2 len 100
out ACK seq 2 ack 202
read 200
read 1 = EOF
state Time_wait
