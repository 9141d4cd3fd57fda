# A SYN opens a new connection from TIME-WAIT only where somebody takes calls; else it is
# acknowledged as any other segment, and TIME-WAIT stands.
# row T-130 (RFC 9293 3.6.1, MAY-2)
start active
close
out FIN,ACK seq 1 ack 1
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2 within 0.199
release
in SYN seq 900000 ack 0 mss 1460
out ACK seq 2 ack 2
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2 within 0.199
