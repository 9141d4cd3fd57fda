# Another hardware, protocol or length than ours is dropped, and nothing is learnt from it.
# row L-05 (RFC 826; RFC 5494)
arp by hand
in arp request tpa 10.0.0.1 hw 2
in arp request tpa 10.0.0.1 pro 0x86dd
in arp request tpa 10.0.0.1 hln 7
in arp request tpa 10.0.0.1 pln 5
out nothing for 1
count arp_drop_format 4
in arp request tpa 10.0.0.1 cut 41
in arp request tpa 10.0.0.1 cut 14
out nothing for 1
count arp_drop_short 2
connect
out arp request tpa 10.0.0.2 spa 10.0.0.1 tha zero ethdst broadcast
in arp reply hw 6 spa 10.0.0.2
out nothing for 0.9
in arp reply spa 10.0.0.2
out SYN seq 0
