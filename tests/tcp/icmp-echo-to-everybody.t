# An echo request to everybody is never answered.
# row C-02 (RFC 1122 3.2.2.6)
in icmp echo id 1 seq 1 len 8 dst 10.0.0.255 ethdst broadcast
in icmp echo id 1 seq 1 len 8 dst 255.255.255.255 ethdst broadcast
in icmp echo id 1 seq 1 len 8 dst 224.0.0.1 ethdst 01:00:5e:00:00:01
out nothing for 1
count icmp4_drop_broadcast 2..3
