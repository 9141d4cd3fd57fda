# PSH is set on the last segment of what was written, and is never waited for.
# row T-16 (RFC 9293 3.9.1.2, MUST-60, MUST-61)
start passive
ctl nodelay on
write 3000
out ACK seq 1 len 1460
out ACK seq 1461 len 1460
out ACK,PSH seq 2921 len 80
in ACK ack 3001
write 1
out ACK,PSH seq 3001 len 1
in ACK seq 1 ack 3002 len 3
out ACK ack 4 within 0.499
read 3
