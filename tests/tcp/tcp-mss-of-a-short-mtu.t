# We announce MTU - 40 on a link of 1280 bytes, and never send more than fits.
# row T-06 (RFC 9293 3.7.1, MUST-67)
link mtu 1280
announce 80
in SYN seq 0 mss 1460
out SYN,ACK seq 0 ack 1 mss 1240
in ACK seq 1 ack 1
accept
write 2480
out stream 1..2481 by 1240
