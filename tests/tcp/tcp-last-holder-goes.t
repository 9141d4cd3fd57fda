# When the last holder goes, what he wrote is sent, then FIN; nothing leaks.
# row T-131 (RFC 9293 3.6)
start passive win 1460
write 3000
out ACK seq 1 len 1460
release
in ACK ack 1461 win 60000
out ACK seq 1461 len 1460
out FIN,ACK,PSH seq 2921 len 80
in FIN,ACK seq 1 ack 3002
out ACK seq 3002 ack 2 within 0.199
