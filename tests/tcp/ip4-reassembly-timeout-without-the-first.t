# Without fragment 0 nobody is told.
# row I-14 (RFC 792; RFC 1122 3.3.2)
datagram D udp to 10.0.0.1!7000 len 4000
in frag D id 1 off 1480 len 1480 mf
out nothing for 130
count frag_drop_timeout 1
