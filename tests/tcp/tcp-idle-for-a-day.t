# A connection that was idle for a day carries data as before.
# row X-07 (house rule)
start passive
out nothing for 86400
write 100
out ACK seq 1 len 100
in ACK seq 1 ack 101 len 100
out ACK seq 101 ack 101 within 0.499
read 100
