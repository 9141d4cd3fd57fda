# The first flight of small segments is 10 at most too.
# row T-93 (RFC 6928 2; RFC 5681 3.1)
start passive mss 536
write 100000
out ACK len 536 times 2..10
out nothing for 0.05
