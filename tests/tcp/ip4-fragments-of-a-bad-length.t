# MF with a length that is no multiple of 8, and an end past 65,535, are dropped.
# row I-16 (RFC 791 3.2; ping of death)
datagram D udp to 10.0.0.1!7000 len 65000
in frag D id 1 off 0 len 1479 mf
in frag D id 1 off 0 len 0 mf
in frag D id 2 off 65528 len 100
in frag D id 2 off 65528 len 8
in frag D id 3 off 64800 len 1480
out nothing for 130
count frag_drop_length 5
