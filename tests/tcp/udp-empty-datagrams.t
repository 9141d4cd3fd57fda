# A datagram without data can be sent, and one that came is seen in headers mode.
# row U-04 (RFC 768)
u: connect udp 10.0.0.2!53
u: write 0
out udp to 10.0.0.2!53 len 0
v: announce udp 7000
v: ctl headers on
v: opaque
in udp to 10.0.0.1!7000 len 0
v: read 100 = 52
v: read 100 = EAGAIN
