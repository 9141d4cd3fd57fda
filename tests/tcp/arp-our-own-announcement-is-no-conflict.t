# Our own announcement, heard again, is no conflict.
# row L-13 (RFC 5227 2.4)
arp by hand
in arp request spa 10.0.0.1 tpa 10.0.0.1 sha ours ethsrc ours
in arp reply spa 10.0.0.1 tpa 10.0.0.1 sha ours ethsrc ours
out nothing for 20
count arp_conflicts 0
addr state 10.0.0.1
