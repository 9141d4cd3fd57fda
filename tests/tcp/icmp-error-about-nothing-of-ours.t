# An error that quotes what we do not have, or too little, changes nothing.
# row C-08 (RFC 1122 3.2.2; RFC 5927 4)
u: connect udp 10.0.0.2!53
u: write 10
out udp len 10 save S
in icmp unreach code 3 quote S quotecut 20
in icmp unreach code 3 quote S quotecut 27
in icmp unreach code 3 quotecut 0
in icmp unreach code 3 len 64
out nothing for 1
u: read 100 = EAGAIN
count icmp4_errors_in 0
