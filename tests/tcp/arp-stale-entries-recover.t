# A neighbour whose station changed is found again after a while, without help.
# row L-16 (RFC 1122 2.3.2.1)
u: connect udp 10.0.0.9!53
u: write 10
out udp len 10 ethdst of:10.0.0.9
moved 10.0.0.9 02:00:00:00:99:99
skip 120
u: write 10
skip 5
u: write 10
skip 5
u: write 10
skip 5
u: write 10
skip 5
u: write 10
skip 5
u: write 10
out udp len 10 ethdst 02:00:00:00:99:99
