# A packet that asks for source routing is not sent on.
# row I-10 (RFC 1122 3.2.1.8, 3.3.5)
in icmp echo id 1 seq 1 len 8 ipopt 8307040a00004d00
out nothing for 1
in icmp echo id 1 seq 1 len 8 ipopt 8907040a00004d00
out nothing for 1
count ip4_drop_options 2
