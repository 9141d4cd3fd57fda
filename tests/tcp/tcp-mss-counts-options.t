# A segment with options is shorter by their length.
# row T-08 (RFC 9293 3.7.1, MUST-16; RFC 6691)
start passive mss 1000 ts 10:0
write 1976
out stream 1..1977 by 988
