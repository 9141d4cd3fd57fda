# What lies behind the IP total length is padding.
# row L-02 (RFC 1122 2.3.3; RFC 894)
start passive
in ACK seq 1 len 1 pad 5
out ACK ack 2 within 0.499
read 100 = 1
in icmp echo id 7 seq 1 len 1 pad 17
out icmp echoreply id 7 seq 1 len 1
u: announce udp 7000
in udp to 10.0.0.1!7000 len 1 pad 17
v: accept from u
v: opaque
v: read 100 = 1
