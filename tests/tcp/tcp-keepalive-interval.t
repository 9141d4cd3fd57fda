# The time of a keepalive can be set; data that comes puts it off.
# row T-92 (RFC 9293 3.8.4, MUST-27)
start passive
ctl keepalive 10000
out ACK seq 0 len 0..1 ack 1 after 9.9..10.2
in ACK seq 1 ack 1
after 6
in ACK seq 1 len 10
out ACK ack 11 within 0.499
out ACK seq 0 len 0..1 ack 11 after 9.3..10.2
in ACK seq 11 ack 1
count tcp_keepalives 2
ctl keepalive off
out nothing for 1000
read 10
