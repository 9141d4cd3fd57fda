# A wrong header checksum drops the packet quietly.
# row I-02 (RFC 1122 3.2.1.2)
in icmp echo id 1 seq 1 len 8 badipsum
out nothing for 1
count ip4_drop_checksum 1
