# A reply that nobody asked for is not answered, but refreshes what is known.
# row L-07 (RFC 826)
arp by hand
in arp reply spa 10.0.0.9 sha 02:00:0a:00:00:09
out nothing for 1
in arp request tpa 10.0.0.1 spa 10.0.0.8 sha 02:00:0a:00:00:08
out arp reply tpa 10.0.0.8
in arp reply spa 10.0.0.8 sha 02:00:00:00:88:88
out nothing for 1
b: connect 10.0.0.8!80
b: out SYN seq 0 ethdst 02:00:00:00:88:88
