# A shut window is probed after the RTO, less and less often, for ever while probes are answered.
# row T-82 (RFC 9293 3.8.6.1, MUST-35, MUST-36, MUST-37, SHLD-29, SHLD-30)
start passive win 0
write 1000
out ACK seq 0..1 len 0..1 after 0.15..1.1 save A
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 after 0.3..3 save B
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 after 0.6..6 save C
in ACK ack 1 win 0
check C.ms-B.ms-B.ms-B.ms+A.ms+A.ms -30..30
out ACK seq 0..1 len 0..1 after 1.2..12 save D
in ACK ack 1 win 0
check D.ms-C.ms-C.ms-C.ms+B.ms+B.ms -30..30
out ACK seq 0..1 len 0..1 within 65
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 65
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 65
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
out ACK seq 0..1 len 0..1 within 125
in ACK ack 1 win 0
state Established
in ACK ack 1 win 5000
out ACK seq 1 len 1000
in ACK ack 1001 win 5000
out nothing for 5
count tcp_probes 14
