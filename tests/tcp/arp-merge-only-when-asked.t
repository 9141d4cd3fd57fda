# Any ARP packet refreshes an entry that is there; one that is not is made only by a packet for
# us.
# row L-06 (RFC 826)
arp by hand
in arp request spa 10.0.0.9 tpa 10.0.0.9 sha 02:00:0a:00:00:09
out nothing for 1
b: connect 10.0.0.9!80
b: out arp request tpa 10.0.0.9 spa 10.0.0.1
in arp reply spa 10.0.0.9 sha 02:00:0a:00:00:09
b: out SYN seq 0 ethdst 02:00:0a:00:00:09
# known now: what it says to everybody counts
in arp request spa 10.0.0.9 tpa 10.0.0.9 sha 02:00:00:00:99:99 ethdst broadcast
b: hangup
c: connect 10.0.0.9!81
c: out SYN seq 0 ethdst 02:00:00:00:99:99
