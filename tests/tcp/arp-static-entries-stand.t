# What the administrator has set is not overwritten by the wire.
# row L-19 (practice)
arp by hand
neigh add 10.0.0.9 02:00:00:00:12:34
in arp reply spa 10.0.0.9 sha 02:00:00:00:66:66
in arp request spa 10.0.0.9 tpa 10.0.0.1 sha 02:00:00:00:66:66 ethsrc 02:00:00:00:66:66
skip
u: connect udp 10.0.0.9!53
u: write 10
out udp len 10 ethdst 02:00:00:00:12:34
after 3600
u: write 10
out udp len 10 ethdst 02:00:00:00:12:34
