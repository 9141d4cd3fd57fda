# Unknown options are skipped and malformed ones never followed.
# row I-10 (RFC 1122 3.2.1.8)
in icmp echo id 1 seq 1 len 8 ipopt 01010101
out icmp echoreply id 1 seq 1 len 8
in icmp echo id 1 seq 2 len 8 ipopt 9e040000
out icmp echoreply id 1 seq 2 len 8
in icmp echo id 1 seq 3 len 8 ipopt 0707040000000000
out icmp echoreply id 1 seq 3 len 8 save R
in icmp echo id 1 seq 4 len 8 ipopt 00ffffff
out icmp echoreply id 1 seq 4 len 8
in icmp echo id 1 seq 5 len 8 ipopt 94040000
out icmp echoreply id 1 seq 5 len 8
