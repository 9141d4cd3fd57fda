# A datagram of 8,000 bytes in one frame is taken and sent whole.
# row U-05 (RFC 768)
link mtu 9000
u: announce udp 7000
in udp to 10.0.0.1!7000 len 8000
v: accept from u
v: read 8000
v: write 8900
out udp len 8900
v: write 8973
out ip proto 17 off 0 mf
out ip proto 17 nomf
in icmp echo id 1 seq 1 len 8900
out icmp echoreply id 1 seq 1 len 8900
