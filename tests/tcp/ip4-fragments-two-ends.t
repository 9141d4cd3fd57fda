# Two last fragments that disagree about the end cannot both be right.
# row I-15 (RFC 8200 4.5)
u: announce udp 7000
datagram D udp to 10.0.0.1!7000 len 3000
in frag D id 1 off 1480 len 800
in frag D id 1 off 2280 len 728
in frag D id 1 off 0 len 1480 mf
out nothing for 1
u: noevent CALL
