# An ARP packet from somebody who has the address stops us from using it.
# row L-11 (RFC 5227 2.1.1)
box probing
arp by hand
out arp request tpa 10.0.0.1 spa 0.0.0.0 at 0..1
in arp reply spa 10.0.0.1 sha 02:00:00:00:77:77 ethsrc 02:00:00:00:77:77
addr state 10.0.0.1 = EADDRINUSE
in icmp echo id 1 seq 1 len 8
in arp request tpa 10.0.0.1 spa 10.0.0.9 sha 02:00:0a:00:00:09
out nothing for 30
count arp_conflicts 1
