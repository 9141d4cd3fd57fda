# A conflict more than 10 s after the last is defended anew.
# row L-13 (RFC 5227 2.4)
arp by hand
in arp reply spa 10.0.0.1 sha 02:00:00:00:77:77 ethsrc 02:00:00:00:77:77
out arp request spa 10.0.0.1 tpa 10.0.0.1 sha ours ethdst broadcast
after 11
in arp reply spa 10.0.0.1 sha 02:00:00:00:77:77 ethsrc 02:00:00:00:77:77
out arp request spa 10.0.0.1 tpa 10.0.0.1 sha ours ethdst broadcast
addr state 10.0.0.1
