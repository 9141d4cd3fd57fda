# The shortest things that can be said.
# row I-01 (RFC 791 3.1)
in ip proto 6 len 0
in ip proto 17 len 0
in ip proto 1 len 0
in udp to 10.0.0.1!99 len 0
out icmp unreach code 3 len 28 quotes 17
out nothing for 1
count tcp_drop_short 1
count udp_drop_short 1
count icmp4_drop_short 1
