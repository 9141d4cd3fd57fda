# A second address is probed while the first is in use, and answered for only when it is ours.
# row L-10 (RFC 5227 2.1)
arp by hand
addr add 10.0.0.5 probe
out arp request tpa 10.0.0.5 spa 0.0.0.0 within 1
in icmp echo id 1 seq 1 len 8 dst 10.0.0.5
in arp request tpa 10.0.0.1 spa 10.0.0.9 sha 02:00:0a:00:00:09
out arp reply spa 10.0.0.1
in arp request tpa 10.0.0.5 spa 10.0.0.9 sha 02:00:0a:00:00:09
out arp request tpa 10.0.0.5 spa 0.0.0.0 after 0.9..2
out arp request tpa 10.0.0.5 spa 0.0.0.0 after 1..2
out arp request tpa 10.0.0.5 spa 10.0.0.5 after 1.95..2.05
in arp request tpa 10.0.0.5 spa 10.0.0.9 sha 02:00:0a:00:00:09
out arp reply spa 10.0.0.5 sha ours
out arp request tpa 10.0.0.5 spa 10.0.0.5 after 1.95..2.05
