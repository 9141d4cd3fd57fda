# A length under 8 or past the packet drops a datagram; behind a shorter one lies no data.
# row U-03 (RFC 768)
u: announce udp 7000
in udp to 10.0.0.1!7000 len 10 ulen 7 nosum
in udp to 10.0.0.1!7000 len 10 ulen 0 nosum
in udp to 10.0.0.1!7000 len 10 ulen 19 nosum
in udp to 10.0.0.1!7000 len 10 ulen 65535 nosum
out nothing for 1
count udp_drop_length 4
in ip proto 17 hex 13881b58
out nothing for 1
count udp_drop_short 1
u: noevent CALL
in udp to 10.0.0.1!7000 len 10 ulen 13 nosum
v: accept from u
v: read 100 = 5
