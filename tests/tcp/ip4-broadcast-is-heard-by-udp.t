# Limited and subnet broadcast reach a UDP conversation.
# row I-21 (RFC 1122 3.3.6)
u: announce udp 7000
in udp to 255.255.255.255!7000 from 10.0.0.3!5 len 10 ethdst broadcast
in udp to 10.0.0.255!7000 from 10.0.0.4!5 len 20 ethdst broadcast
v: accept from u
v: read 100 = 10
w: accept from u
w: read 100 = 20
out nothing for 1
