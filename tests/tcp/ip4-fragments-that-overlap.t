# Fragments that overlap in part: the whole datagram is dropped, its later pieces too.
# row I-15 (RFC 8200 4.5; CVE-2018-5391)
u: announce udp 7000
datagram D udp to 10.0.0.1!7000 len 3000
# tail over the head of the next
in frag D id 1 off 0 len 1480 mf
in frag D id 1 off 1472 len 1488 mf
in frag D id 1 off 2960 len 48
# head over the tail of the last
in frag D id 2 off 1480 len 1480 mf
in frag D id 2 off 0 len 1488 mf
in frag D id 2 off 2960 len 48
# inside another
in frag D id 3 off 0 len 1480 mf
in frag D id 3 off 800 len 80 mf
in frag D id 3 off 1480 len 1480 mf
in frag D id 3 off 2960 len 48
# around another
in frag D id 4 off 800 len 80 mf
in frag D id 4 off 0 len 1480 mf
in frag D id 4 off 1480 len 1480 mf
in frag D id 4 off 2960 len 48
out nothing for 1
u: noevent CALL
count frag_drop_overlap 4..12
count frag_reassembled 0
