# The last data and the FIN are sent again.
# row T-123 (RFC 6298 5.4)
start passive
write 100
out ACK seq 1 len 100
close
out FIN,ACK seq 101 ack 1
out ACK seq 1 len 100 within 1.1 times 0..1
skip 0.001
in ACK seq 1 ack 101
skip 0.001
out FIN,ACK seq 101 within 2.2
in ACK seq 1 ack 102
state Finwait2
