# Without a way, the caller is told at once.
# row I-25 (RFC 1122 3.3.1)
connect 192.168.5.9!80 = ENETUNREACH
u: connect udp 8.8.8.8!53 = ENETUNREACH
out nothing for 1
