# 127.0.0.1 works, and never reaches the wire.
# row I-05 (RFC 1122 3.2.1.3)
announce 80
connect 127.0.0.1!80
out nothing for 0.01
state Established
b: accept
b: opaque
write 10
b: read 10
c: connect 127.0.0.1!81
out nothing for 0.01
c: error ECONNREFUSED
