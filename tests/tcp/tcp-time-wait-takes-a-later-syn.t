# A SYN with a higher number than TIME-WAIT has seen opens a new connection.
# row T-130 (RFC 9293 3.6.1, MAY-2; RFC 6191)
start passive
close
out FIN,ACK seq 1 ack 1
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2 within 0.199
release
flow a local 80 peer 10.0.0.2!4000 iss 900000
in SYN seq 0 mss 1460
out SYN,ACK seq 0 ack 1
in ACK seq 1 ack 1
accept
in ACK seq 1 len 10
out ACK ack 11 within 0.499
read 10
