# The first fragment must hold the whole transport header, so that nothing hides from a filter.
# row I-17 (RFC 1858; RFC 3128)
announce 80
datagram D tcp seq 0 mss 1460 len 40
in frag D id 1 off 0 len 8 mf
in frag D id 1 off 8 len 56
in frag D id 2 off 0 len 16 mf
in frag D id 2 off 16 len 48
out nothing for 1
count frag_drop_tiny 1..4
l: noevent CALL
