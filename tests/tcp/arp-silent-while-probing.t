# An address that is being probed is not ours yet: nothing to it is answered.
# row L-10 (RFC 5227 2.1)
box probing
arp by hand
out arp request tpa 10.0.0.1 spa 0.0.0.0 at 0..1
in icmp echo id 1 seq 1 len 8
in arp request tpa 10.0.0.1 spa 10.0.0.9 sha 02:00:0a:00:00:09
out nothing for 0.5
