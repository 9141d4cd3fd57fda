# What the SYN,ACK has said of scale and window stands, whatever the listener is told meanwhile.
# row T-73 (RFC 7323 2.2)
announce 80
l: ctl rcvbuf 67108864
a: in SYN seq 0 mss 1460 ws 7
a: out SYN,ACK seq 0 ack 1 ws 11
l: ctl rcvbuf 65536
a: in ACK seq 1 ack 1
accept
in ACK seq 1 len 1000
out ACK ack 1001 wnd 60000..70000 within 0.499
read 1000
