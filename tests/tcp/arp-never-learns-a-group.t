# A broadcast, multicast, zero or own MAC is never a neighbour's, and no such address is.
# row L-08 (RFC 1812 3.3.2)
arp by hand
b: connect 10.0.0.9!80
b: out arp request tpa 10.0.0.9
in arp reply spa 10.0.0.9 sha broadcast
in arp reply spa 10.0.0.9 sha 01:00:5e:00:00:01
in arp reply spa 10.0.0.9 sha zero
in arp reply spa 10.0.0.9 sha ours
in arp reply spa 224.0.0.5 sha 02:00:0a:00:00:09
in arp reply spa 255.255.255.255 sha 02:00:0a:00:00:09
out nothing for 0.5
count arp_drop_sender 4..6
in arp reply spa 10.0.0.9 sha 02:00:0a:00:00:09
b: out SYN seq 0 ethdst 02:00:0a:00:00:09
