# A connection to our own address stays inside and works like any other.
# row I-05 (RFC 1122 3.2.1.3)
announce 80
connect 10.0.0.1!80
out nothing for 0.01
state Established
b: accept
b: opaque
write 1000
b: read 1000
b: write 500
opaque
read 500
b: close
read 1 = EOF
close
out nothing for 300
