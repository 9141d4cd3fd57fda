# A peer that asks for one byte a segment is served, but not with one byte a segment.
# row T-09 (CVE-2019-11479)
start passive mss 1
ctl nodelay on
write 600
out ACK len 64..216 times 1..10
in ACK ack 601
skip 0.001
