# A bad checksum, an unknown type, a message shorter than its type needs: dropped quietly.
# row C-03 (RFC 1122 3.2.2)
in icmp echo id 1 seq 1 len 8 badsum
out nothing for 1
count icmp4_drop_checksum 1
in icmp type 42 len 8
in icmp type 255 len 8
in icmp type 1 len 8
out nothing for 1
count icmp4_drop_type 3
in ip proto 1 hex 0800f7
in ip proto 1 hex 0800f7ff
in ip proto 1 len 0
out nothing for 1
count icmp4_drop_short 3
