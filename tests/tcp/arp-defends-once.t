# An address in use is defended by one announcement, and at most once in 10 s.
# row L-13 (RFC 5227 2.4)
arp by hand
in arp request spa 10.0.0.1 tpa 10.0.0.1 sha 02:00:00:00:77:77 ethsrc 02:00:00:00:77:77
out arp request spa 10.0.0.1 tpa 10.0.0.1 sha ours ethdst broadcast
after 3
in arp request spa 10.0.0.1 tpa 10.0.0.1 sha 02:00:00:00:77:77 ethsrc 02:00:00:00:77:77
out nothing for 3
count arp_conflicts 2
