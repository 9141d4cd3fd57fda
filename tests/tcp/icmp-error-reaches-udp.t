# "Port unreachable" about a datagram of ours reaches its conversation, once.
# row C-08 (RFC 1122 3.2.2)
# row U-08 (RFC 1122 4.1.3.3)
u: connect udp 10.0.0.2!53
u: write 10
out udp len 10 save S
in icmp unreach code 3 quote S
u: event IN
u: read 100 = ECONNREFUSED
u: read 100 = EAGAIN
u: write 10
out udp len 10
