# A FIN that is lost is sent again, with back-off.
# row T-123 (RFC 6298 5.4, 5.5)
start passive
close
out FIN,ACK seq 1 ack 1
out FIN,ACK seq 1 ack 1 after 0.19..1.1 save A
out FIN,ACK seq 1 ack 1 after 0.38..2.2 save B
out FIN,ACK seq 1 ack 1 after 0.76..4.4 save C
check C.ms-B.ms-B.ms-B.ms+A.ms+A.ms -30..30
in ACK seq 1 ack 2
state Finwait2
out nothing for 20
