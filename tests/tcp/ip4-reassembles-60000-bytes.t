# A datagram of 60,000 bytes in fragments is put together.
# row I-11 (RFC 1122 3.3.2)
# row U-05 (RFC 768)
u: announce udp 7000
datagram D udp to 10.0.0.1!7000 len 60000
in frags D by 1480 id 7
v: accept from u
v: read 65507 = 60000
count frag_reassembled 1
out nothing for 130
