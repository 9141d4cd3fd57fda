# A datagram that stays incomplete is given up after 60 to 120 s from its first fragment, which
# later ones do not extend; its sender is told once.
# row I-13 (RFC 1122 3.3.2)
u: announce udp 7000
datagram D udp to 10.0.0.1!7000 len 4000
in frag D id 1 off 0 len 1480 mf
out nothing for 25
in frag D id 1 off 1480 len 1480 mf
out icmp exceeded code 1 len 28..548 quotes 17 at 60..120
count frag_drop_timeout 1
in frag D id 1 off 2960 len 1048
out nothing for 200
u: noevent CALL
