# A conflict within the 2 s after the last probe still counts.
# row L-11 (RFC 5227 2.1.1)
box probing
arp by hand
out arp request tpa 10.0.0.1 spa 0.0.0.0 at 0..1
out arp request tpa 10.0.0.1 spa 0.0.0.0 after 1..2
out arp request tpa 10.0.0.1 spa 0.0.0.0 after 1..2
out nothing for 1.5
in arp request spa 10.0.0.1 tpa 10.0.0.1 sha 02:00:00:00:77:77 ethsrc 02:00:00:00:77:77
addr state 10.0.0.1 = EADDRINUSE
out nothing for 30
