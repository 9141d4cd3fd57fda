# With nothing in flight there is no timer.
# row T-88 (RFC 6298 5.2)
# row X-07 (house rule)
start passive
write 100
out ACK seq 1 len 100
in ACK ack 101
out nothing for 86400
