# A segment that is partly in the window counts with that part.
# row T-41 (RFC 9293 3.10.7.4)
announce 80
l: ctl rcvbuf 16384
start passive
in ACK seq -49 len 100
out ACK seq 1 ack 51 within 0.499
read 100 = 50
in ACK seq 41 len 20
out ACK seq 1 ack 61 within 0.499
read 100 = 10
in ACK seq edge-50 len 100
out ACK seq 1 ack 61
in stream 61..edge-50 by 1460
out ACK times 1..20
skip 0.5
acked edge
read 100000 = 12000..17000
skip
