# A wrong checksum drops a datagram quietly; none at all is taken.
# row U-01 (RFC 1122 4.1.3.4)
u: announce udp 7000
in udp to 10.0.0.1!7000 len 10 badsum
out nothing for 1
u: noevent CALL
count udp_drop_checksum 1
in udp to 10.0.0.1!7000 len 10 nosum
v: accept from u
v: read 10
