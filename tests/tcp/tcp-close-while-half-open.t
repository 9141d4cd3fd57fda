# Close in SYN-RECEIVED (after a simultaneous open) sends FIN when the handshake is done.
# row T-120 (RFC 9293 3.10.4)
connect
out SYN seq 0
in SYN seq 0
out SYN,ACK seq 0 ack 1
close
skip 0.001
in ACK seq 1 ack 1
skip 0.001
in ACK seq 1 ack 2
state Finwait2
