# Once both have offered timestamps, every segment but a reset carries them.
# row T-74 (RFC 7323 3.2)
start passive ts 100:0
write 10
out ACK seq 1 len 10 ts *:*
in ACK ack 11 len 10
out ACK ack 11 ts *:* within 0.499
read 10
shutdown wr
out FIN,ACK seq 11 ts *:*
in ACK ack 12
in SYN seq 1
out ACK seq 12 ts *:*
