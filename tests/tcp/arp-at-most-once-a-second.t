# However much waits for a neighbour, it is asked for at most once a second.
# row L-14 (RFC 1122 2.3.2.1)
arp by hand
u: connect udp 10.0.0.9!53
u: write 10
out arp request tpa 10.0.0.9
u: write 10
u: write 10
u: write 10
out nothing for 0.95
out arp request tpa 10.0.0.9 after 0.04..0.2
u: write 10
u: write 10
out nothing for 0.95
