# A probe for an address that we have is answered, so that the other gives up.
# row L-09 (RFC 5227 2.1.1, 2.4)
arp by hand
in arp request spa 0.0.0.0 tpa 10.0.0.1 sha 02:00:00:00:77:77 ethsrc 02:00:00:00:77:77
out arp reply spa 10.0.0.1 sha ours tha 02:00:00:00:77:77
after 1
in arp request spa 0.0.0.0 tpa 10.0.0.1 sha 02:00:00:00:77:77 ethsrc 02:00:00:00:77:77
out arp reply spa 10.0.0.1 sha ours tha 02:00:00:00:77:77
addr state 10.0.0.1
