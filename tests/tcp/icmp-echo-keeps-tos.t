# A reply has the type of service of its request.
# row C-01 (RFC 1122 3.2.2.6)
in icmp echo id 1 seq 1 len 8 tos 16
out icmp echoreply id 1 seq 1 len 8 tos 16
