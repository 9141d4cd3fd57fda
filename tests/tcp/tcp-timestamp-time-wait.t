# A SYN with a later timestamp opens a new connection out of TIME-WAIT even with a lower number.
# row T-130 (RFC 6191 2)
start passive ts 1000:0
close
out FIN,ACK seq 1 ack 1
in FIN,ACK seq 1 ack 2 ts 2000:last
out ACK seq 2 ack 2 within 0.199
release
flow a local 80 peer 10.0.0.2!4000 iss 100
after 5
in SYN seq 0 mss 1460 ts 90000:0
out SYN,ACK seq 0 ack 1
in ACK seq 1 ack 1
accept
