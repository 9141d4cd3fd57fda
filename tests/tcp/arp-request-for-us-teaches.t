# Who asks for us will be spoken to: a request to us makes an entry, so that no question follows.
# row L-06 (RFC 826)
arp by hand
in arp request tpa 10.0.0.1 spa 10.0.0.9 sha 02:00:0a:00:00:09
out arp reply tpa 10.0.0.9
b: connect 10.0.0.9!80
b: out SYN seq 0 ethdst 02:00:0a:00:00:09
