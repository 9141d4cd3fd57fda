# 65,507 bytes can be sent, and not one more.
# row U-05 (RFC 768)
u: connect udp 10.0.0.2!53
u: write 65507
out ip proto 17 times 45
u: write 65508 = EMSGSIZE
out nothing for 1
