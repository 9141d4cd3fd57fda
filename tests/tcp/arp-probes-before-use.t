# Before an address is used: three probes, 1 to 2 s apart, after up to a second; then 2 s of
# listening; then two announcements, 2 s apart.
# row L-10 (RFC 5227 2.1, 2.1.1)
# row L-12 (RFC 5227 2.3)
box probing
arp by hand
addr state 10.0.0.1 = EAGAIN
out arp request tpa 10.0.0.1 spa 0.0.0.0 tha zero sha ours ethdst broadcast at 0..1
out arp request tpa 10.0.0.1 spa 0.0.0.0 after 1..2
b: connect 10.0.0.9!80 = -200..-1
out arp request tpa 10.0.0.1 spa 0.0.0.0 after 1..2
out nothing for 1.9
addr state 10.0.0.1 = EAGAIN
out arp request tpa 10.0.0.1 spa 10.0.0.1 sha ours ethdst broadcast after 0.09..0.2
addr state 10.0.0.1
out arp request tpa 10.0.0.1 spa 10.0.0.1 sha ours ethdst broadcast after 1.95..2.05
out nothing for 60
