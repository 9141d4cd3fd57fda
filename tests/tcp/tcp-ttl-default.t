# The TTL is 64 unless it is set.
# row I-06 (RFC 1122 3.2.1.7)
connect
out SYN seq 0 ttl 64 tos 0
