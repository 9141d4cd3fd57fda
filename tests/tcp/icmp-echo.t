# Id, sequence number and data come back untouched, from the address that was pinged.
# row C-01 (RFC 1122 3.2.2.6)
addr add 10.0.0.5
skip
in icmp echo id 1 seq 1 len 0
out icmp echoreply id 1 seq 1
in icmp echo id 65535 seq 2 len 1
out icmp echoreply id 65535 seq 2 len 1
in icmp echo id 0 seq 0 len 56 dst 10.0.0.5
out icmp echoreply id 0 seq 0 len 56 src 10.0.0.5 dst 10.0.0.2
in icmp echo id 3 seq 65535 len 1472 src 10.0.0.9 ethsrc of:10.0.0.9
out icmp echoreply id 3 seq 65535 len 1472 dst 10.0.0.9 ethdst of:10.0.0.9
count icmp4_echo_answered 4
