# The longest prefix that fits chooses the way.
# row I-25 (RFC 1122 3.3.1)
box gateway 10.0.0.254
route add 192.168.0.0/16 10.0.0.253
route add 192.168.5.0/24 10.0.0.252
a: connect 192.168.5.9!80
a: out SYN seq 0 ethdst of:10.0.0.252
b: connect 192.168.6.9!80
b: out SYN seq 0 ethdst of:10.0.0.253
c: connect 8.8.8.8!80
c: out SYN seq 0 ethdst of:10.0.0.254
d: connect 10.0.0.9!80
d: out SYN seq 0 ethdst of:10.0.0.9
