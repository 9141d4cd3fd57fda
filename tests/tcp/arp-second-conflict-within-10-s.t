# A second conflict within 10 s of the first is not ignored: the address is given up, or kept in
# silence; never fought over frame by frame.
# row L-13 (RFC 5227 2.4)
arp by hand
in arp request spa 10.0.0.1 tpa 10.0.0.1 sha 02:00:00:00:77:77 ethsrc 02:00:00:00:77:77 times 1
out arp request spa 10.0.0.1 tpa 10.0.0.1 sha ours ethdst broadcast
after 1
in arp request spa 10.0.0.1 tpa 10.0.0.1 sha 02:00:00:00:77:77 ethsrc 02:00:00:00:77:77 times 20
out nothing for 8
