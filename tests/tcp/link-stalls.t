# What a device does not take now goes out in order when it does.
# row X-08 (house rule)
u: connect udp 10.0.0.2!53
u: write 1
out udp len 1
stall
u: write 2
u: write 3
u: write 4
out nothing for 1
unstall
out udp len 2
out udp len 3
out udp len 4
