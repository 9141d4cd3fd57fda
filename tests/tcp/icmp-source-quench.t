# Source quench is dropped silently.
# row C-12 (RFC 6633; RFC 9293 MUST-55)
start active
write 14600
skip
in icmp quench code 0 quote last
state Established
soft none
in udp to 10.0.0.1!99 len 1
out icmp unreach code 3 len *
