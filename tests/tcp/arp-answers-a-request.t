# A request for our address is answered to the asker alone, with all fields swapped.
# row L-04 (RFC 826)
arp by hand
in arp request tpa 10.0.0.1 spa 10.0.0.9 sha 02:00:0a:00:00:09 ethsrc 02:00:0a:00:00:09
out arp reply spa 10.0.0.1 sha ours tpa 10.0.0.9 tha 02:00:0a:00:00:09 ethdst 02:00:0a:00:00:09
# for another's address, no answer
in arp request tpa 10.0.0.77 spa 10.0.0.9 sha 02:00:0a:00:00:09
out nothing for 1
# a unicast request is answered too
in arp request tpa 10.0.0.1 spa 10.0.0.9 sha 02:00:0a:00:00:09 ethdst ours
out arp reply spa 10.0.0.1 sha ours tpa 10.0.0.9 tha 02:00:0a:00:00:09
out nothing for 5
