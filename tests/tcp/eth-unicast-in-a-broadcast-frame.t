# A packet for one host in a frame for everybody is dropped quietly.
# row L-18 (RFC 1122 3.3.6)
announce 80
in SYN seq 0 ethdst broadcast
in icmp echo id 1 seq 1 len 8 ethdst broadcast
in udp to 10.0.0.1!99 len 8 ethdst broadcast
in udp to 10.0.0.1!99 len 8 ethdst 01:00:5e:00:00:01
out nothing for 1
count ip4_drop_link_broadcast 3..4
