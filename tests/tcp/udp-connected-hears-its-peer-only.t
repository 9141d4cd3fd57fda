# A conversation with one peer does not hear another.
# row U-07 (RFC 768; RFC 1122 4.1.3.5)
u: connect udp 10.0.0.2!53 from 10.0.0.1!5000
in udp from 10.0.0.3!53 to 10.0.0.1!5000 len 10
skip 0.01
in udp from 10.0.0.2!54 to 10.0.0.1!5000 len 10
skip 0.01
u: read 100 = EAGAIN
in udp from 10.0.0.2!53 to 10.0.0.1!5000 len 20
u: read 100 = 20
