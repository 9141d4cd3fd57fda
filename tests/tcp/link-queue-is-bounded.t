# Before a device that takes nothing a bounded number of frames waits.
# row X-01 (house rule)
u: connect udp 10.0.0.2!53
u: write 1
out udp len 1
stall
in icmp echo id 1 seq 1 len 8 times 1000
unstall
skip 0.001
count link_drop_queue_full 700..999
in icmp echo id 1 seq 2 len 8
out icmp echoreply id 1 seq 2 len 8
