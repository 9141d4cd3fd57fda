# A datagram to port 0 is dropped quietly.
# row U-09 (RFC 1122 4.1.3.6)
in udp to 10.0.0.1!0 len 10
out nothing for 1
count udp_drop_port_zero 1
