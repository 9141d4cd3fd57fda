# An MSS of zero stops nothing.
# row T-09 (CVE-2019-11479)
start passive mss 0
ctl nodelay on
write 64
out ACK seq 1 len 64
in ACK seq 1 ack 65
out nothing for 3
