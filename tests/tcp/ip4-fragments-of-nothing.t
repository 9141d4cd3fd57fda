# Fragments that together hold no data, or whose end comes first and never fits.
# row I-16 (RFC 791 3.2)
datagram D udp to 10.0.0.1!7000 len 3000
in frag D id 1 off 8 len 0
in frag D id 2 off 8 len 8
in frag D id 2 off 16 len 8 mf
in frag D id 2 off 0 len 8 mf
in frag D id 3 off 65528 len 7
out nothing for 130
count frag_reassembled 0
