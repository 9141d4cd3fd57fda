# Fragments belong together by source, destination, protocol and id, and by nothing less.
# row I-12 (RFC 791 3.2)
u: announce udp 7000
datagram D udp to 10.0.0.1!7000 len 2000
in frag D id 1 off 0 len 1480 mf
in frag D id 2 off 1480 len 528
in frag D id 1 off 1480 len 528 src 10.0.0.3
in frag D id 1 off 1480 len 528 proto 1
out nothing for 0.1
u: noevent CALL
in frag D id 1 off 1480 len 528
v: accept from u
v: read 2000
