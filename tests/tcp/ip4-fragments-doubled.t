# A fragment that comes twice, byte for byte, does no harm.
# row I-12 (RFC 791 3.2)
u: announce udp 7000
datagram D udp to 10.0.0.1!7000 len 3000
in frag D id 1 off 0 len 1480 mf
in frag D id 1 off 0 len 1480 mf
in frag D id 1 off 2960 len 48
in frag D id 1 off 2960 len 48
in frag D id 1 off 0 len 1480 mf
in frag D id 1 off 1480 len 1480 mf
v: accept from u
v: read 3000
v: read 3000 = EAGAIN
out nothing for 0.1
