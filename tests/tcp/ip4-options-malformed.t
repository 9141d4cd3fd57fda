# A length of 0, of 1, or past the header drops the packet; it may be answered by no more than a
# parameter problem.
# row I-10 (RFC 1122 3.2.1.8)
in icmp echo id 1 seq 1 len 8 ipopt 9e000000
skip
in icmp echo id 1 seq 1 len 8 ipopt 9e010000
skip
in icmp echo id 1 seq 1 len 8 ipopt 9e050000
skip
in icmp echo id 1 seq 1 len 8 ipopt 01010107
skip
in icmp echo id 1 seq 1 len 8 ipopt 07ff0400
skip
count icmp4_echo_answered 0
count ip4_drop_options 5
