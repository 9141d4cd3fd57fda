# A short read discards the rest of its datagram and never joins two.
# row U-06 (RFC 768)
u: announce udp 7000
in udp to 10.0.0.1!7000 len 10
in udp to 10.0.0.1!7000 len 20
in udp to 10.0.0.1!7000 len 30
v: accept from u
v: read 1
v: read 1
v: read 100 = 30
v: read 1 = EAGAIN
