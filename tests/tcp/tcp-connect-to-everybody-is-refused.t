# A call to a broadcast, multicast or unspecified address, or to port 0, is refused at home.
# row T-11 (RFC 9293 3.9.2.3, MUST-46)
connect 224.0.0.1!80 = EINVAL
b: connect 255.255.255.255!80 = EINVAL
c: connect 10.0.0.255!80 = EINVAL
d: connect 0.0.0.0!80 = -200..-1
e: connect 10.0.0.2!0 = EINVAL
out nothing for 1
