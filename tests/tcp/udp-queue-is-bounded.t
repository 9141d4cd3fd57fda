# What is not read fills its queue and no more; the newest is dropped and counted.
# row U-10 (practice)
u: announce udp 7000
in udp to 10.0.0.1!7000 len 1400 times 2000
out nothing for 1
count udp_drop_full 1000..1999
in icmp echo id 1 seq 1 len 8
out icmp echoreply id 1 seq 1 len 8
