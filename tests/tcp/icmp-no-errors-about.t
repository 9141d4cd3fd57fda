# Never an error about an error, about broadcast or multicast, a later fragment, an odd source.
# row C-05 (RFC 1122 3.2.2)
# row U-13 (RFC 1122 3.2.2)
u: connect udp 10.0.0.2!53
u: write 10
out udp len 10 save S
u: release
in icmp unreach code 3 quote S
in icmp exceeded code 0 quote S
in udp to 10.0.0.255!99 len 8 ethdst broadcast
in udp to 255.255.255.255!99 len 8 ethdst broadcast
in udp to 224.0.0.1!99 len 8 ethdst 01:00:5e:00:00:01
in ip proto 253 len 20 dst 10.0.0.255 ethdst broadcast
in ip proto 253 len 20 ethdst broadcast
in ip proto 253 len 20 off 1480
in udp to 10.0.0.1!99 from 224.0.0.1!5 len 8
in udp to 10.0.0.1!99 from 0.0.0.0!5 len 8
out nothing for 1
