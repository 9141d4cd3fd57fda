# An application can turn Nagle's rule off.
# row T-83 (RFC 9293 3.7.4, MUST-17)
start passive
ctl nodelay on
write 10
out ACK seq 1 len 10
write 20
out ACK seq 11 len 20
write 30
out ACK seq 31 len 30
ctl nodelay off
write 40
out nothing for 0.1
in ACK ack 61
out ACK seq 61 len 40
