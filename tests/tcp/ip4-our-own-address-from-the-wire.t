# A packet from ourselves does not come over the wire.
# row I-04 (practice, LAND)
announce 80
flow a local 80 peer 10.0.0.1!80
in SYN seq 0
out nothing for 1
in icmp echo id 1 seq 1 len 8 src 10.0.0.1
out nothing for 1
