# A datagram longer than the link takes leaves in fragments: offsets, MF and id right.
# row I-19 (RFC 791 3.2)
# row I-08 (RFC 6864 4)
u: connect udp 10.0.0.2!53
u: write 8000
out ip proto 17 off 0 len 1480 mf nodf save F
out ip proto 17 off 1480 len 1480 mf id F.id
out ip proto 17 off 2960 len 1480 mf id F.id
out ip proto 17 off 4440 len 1480 mf id F.id
out ip proto 17 off 5920 len 1480 mf id F.id
out ip proto 17 off 7400 len 608 nomf id F.id
u: write 3000
out ip proto 17 off 0 len 1480 mf nodf save G
out ip proto 17 off 1480 len 1480 mf id G.id
out ip proto 17 off 2960 len 48 nomf id G.id
check F.id != G.id
