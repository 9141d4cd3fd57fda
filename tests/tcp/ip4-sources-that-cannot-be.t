# A source that is no host's is dropped without an answer.
# row I-04 (RFC 1122 3.2.1.3)
# row U-09 (RFC 1122 4.1.3.6)
in icmp echo id 1 seq 1 len 8 src 224.0.0.1
in icmp echo id 1 seq 1 len 8 src 239.255.255.255
in icmp echo id 1 seq 1 len 8 src 255.255.255.255
in icmp echo id 1 seq 1 len 8 src 10.0.0.255
in icmp echo id 1 seq 1 len 8 src 127.0.0.1
in icmp echo id 1 seq 1 len 8 src 127.255.255.254
in icmp echo id 1 seq 1 len 8 src 0.0.0.0
in icmp echo id 1 seq 1 len 8 src 0.1.2.3
in udp from 224.0.0.1!5 to 10.0.0.1!99 len 8
in udp from 0.0.0.0!5 to 10.0.0.1!99 len 8
out nothing for 1
count ip4_drop_source 10
