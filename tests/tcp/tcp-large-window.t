# A large receive buffer is offered with a scale that can express it.
# row T-73 (RFC 7323 2.2, 2.3)
announce 80
l: ctl rcvbuf 4194304
in SYN seq 0 mss 1460 ws 0
out SYN,ACK seq 0 ack 1 ws 6..14 win 65000..65535
in ACK seq 1 ack 1
accept
in ACK seq 1 len 1460
out ACK ack 1461 wnd 1000000..4194304 within 0.499
read 1460
