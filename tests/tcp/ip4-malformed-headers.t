# Wrong version, header length, total length: dropped without an answer.
# row I-01 (RFC 1122 3.2.1.1; RFC 791 3.1)
in icmp echo id 1 seq 1 len 8 ver 5
in icmp echo id 1 seq 1 len 8 ver 6
in icmp echo id 1 seq 1 len 8 ver 0
out nothing for 0.1
count ip4_drop_version 3
in icmp echo id 1 seq 1 len 8 ihl 4
in icmp echo id 1 seq 1 len 8 ihl 0
in icmp echo id 1 seq 1 len 8 ihl 15
out nothing for 0.1
count ip4_drop_hdr_len 3
in icmp echo id 1 seq 1 len 8 totlen 19
in icmp echo id 1 seq 1 len 8 totlen 0
in icmp echo id 1 seq 1 len 8 totlen 37
in icmp echo id 1 seq 1 len 8 totlen 65535
out nothing for 0.1
count ip4_drop_total_len 4
in icmp echo id 1 seq 1 len 8 cut 33
in icmp echo id 1 seq 1 len 8 cut 15
out nothing for 0.1
count ip4_drop_short 2
