# An address mask request is never answered.
# row C-13 (RFC 1122 3.2.2.9)
in icmp mask id 1 seq 1 len 4
out nothing for 1
count icmp4_drop_type 1
