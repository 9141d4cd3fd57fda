# A frame to another station is ignored even when the device delivers it.
# row L-01 (RFC 1122 2)
in icmp echo id 1 seq 1 len 8 ethdst 02:00:0a:00:00:63
in udp to 10.0.0.1!99 len 8 ethdst 02:00:0a:00:00:63
in eth ethertype 0x0800 ethdst 01:00:5e:00:00:09 len 40
out nothing for 1
count eth_drop_not_ours 3
in icmp echo id 1 seq 1 len 8
out icmp echoreply id 1 seq 1 len 8
