# A packet with TTL 1 has arrived.
# row I-06 (RFC 1122 3.2.1.7)
in icmp echo id 1 seq 1 len 8 ttl 1
out icmp echoreply id 1 seq 1 len 8 ttl 64
