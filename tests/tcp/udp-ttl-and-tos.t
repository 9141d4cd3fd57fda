# TTL and type of service of a conversation are on its datagrams.
# row I-06 (RFC 1122 3.2.1.7)
# row I-07 (RFC 1122 3.2.1.6)
u: bind udp 10.0.0.1!68
u: ctl ttl 7
u: ctl tos 184
u: connect udp 10.0.0.2!53
u: write 10
out udp len 10 ttl 7 tos 184
u: ctl ttl 0 = EINVAL
u: ctl ttl 256 = EINVAL
u: ctl tos 256 = EINVAL
