# Another's probe for the same address stops us too; our own, heard again, does not.
# row L-11 (RFC 5227 2.1.1)
box probing
arp by hand
out arp request tpa 10.0.0.1 spa 0.0.0.0 at 0..1
in arp request spa 0.0.0.0 tpa 10.0.0.1 sha ours ethsrc ours
addr state 10.0.0.1 = EAGAIN
out arp request tpa 10.0.0.1 spa 0.0.0.0 after 1..2
in arp request spa 0.0.0.0 tpa 10.0.0.1 sha 02:00:00:00:77:77 ethsrc 02:00:00:00:77:77
addr state 10.0.0.1 = EADDRINUSE
out nothing for 30
