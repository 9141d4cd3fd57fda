# What is not for our address is dropped, never sent on, and no router's answer is given.
# row I-03 (RFC 1122 3.2.1.3, 3.3.1)
# row I-23 (RFC 1122 3.2.2.2)
box gateway 10.0.0.254
in icmp echo id 1 seq 1 len 8 dst 10.0.0.77
in icmp echo id 1 seq 1 len 8 dst 192.168.7.7
in udp to 192.168.7.7!53 len 8 ttl 1
in ip proto 6 len 40 dst 8.8.8.8
out nothing for 1
count ip4_drop_not_ours 4
