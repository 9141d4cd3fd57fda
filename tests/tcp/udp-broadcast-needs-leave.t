# Who wants to speak to everybody must ask for it first.
# row I-21 (RFC 1122 3.3.6)
u: connect udp 255.255.255.255!67 = EACCES
v: ctl rcvbuf 65536 = 0
w: bind udp 10.0.0.1!68
w: ctl broadcast on
w: connect udp 255.255.255.255!67
w: write 10
out udp from 10.0.0.1!68 to 255.255.255.255!67 len 10 ethdst broadcast
x: bind udp 10.0.0.1!69
x: ctl broadcast on
x: connect udp 10.0.0.255!67
x: write 10
out udp from 10.0.0.1!69 to 10.0.0.255!67 len 10 ethdst broadcast
