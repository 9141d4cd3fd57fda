# What Nagle's rule held back goes out when it is turned off.
# row T-83 (RFC 9293 3.7.4, MUST-17)
start passive
write 10
out ACK seq 1 len 10
write 20
out nothing for 0.1
ctl nodelay on
out ACK seq 11 len 20
