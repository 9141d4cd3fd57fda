# A call is answered from the address that it was made to.
# row U-07 (RFC 1122 4.1.3.5, 4.1.4)
addr add 10.0.0.5
skip
u: announce udp 7000
in udp to 10.0.0.5!7000 from 10.0.0.2!5000 len 10
v: accept from u
v: local 10.0.0.5!7000
v: read 10
v: write 20
out udp from 10.0.0.5!7000 to 10.0.0.2!5000 len 20
