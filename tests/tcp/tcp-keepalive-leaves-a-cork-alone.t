# What a cork holds back is no keepalive: that is sent without data, and the cork's own time counts.
# row T-92 (RFC 9293 3.8.4, SHLD-12)
# row T-88 (RFC 6298 5.1)
start passive
ctl cork on
ctl keepalive 100
write 10
out ACK seq 0 len 0 after 0.09..0.11
in ACK seq 1 ack 1
ctl keepalive off
out ACK seq 1 len 10 within 0.15
out ACK seq 1 len 10 within 1.1
in ACK seq 1 ack 11
out nothing for 3
