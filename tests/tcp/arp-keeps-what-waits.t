# What is sent while a neighbour is asked for goes out when it answers.
# row L-15 (RFC 1122 2.3.2.2)
arp by hand
u: connect udp 10.0.0.9!53 from 10.0.0.1!5000
u: write 10
out arp request tpa 10.0.0.9
u: write 20
after 0.5
in arp reply spa 10.0.0.9 sha 02:00:0a:00:00:09
out udp from 10.0.0.1!5000 to 10.0.0.9!53 len 10 ethdst 02:00:0a:00:00:09
out udp len 20 ethdst 02:00:0a:00:00:09
out nothing for 5
