# A probe, whose sender has no address yet, is answered; 0.0.0.0 becomes nobody's entry.
# row L-09 (RFC 5227 2.1.1)
arp by hand
in arp request tpa 10.0.0.1 spa 0.0.0.0 sha 02:00:0a:00:00:09 ethsrc 02:00:0a:00:00:09
out arp reply spa 10.0.0.1 sha ours
out nothing for 15
b: connect 0.0.0.0!80 = -200..-1
out nothing for 1
