# "Fragmentation needed" about what may be fragmented ends nothing, whatever MTU it claims.
# row C-17 (RFC 1191 6; RFC 5927 7)
start active
write 1460
out ACK seq 1 len 1460 save S
in icmp unreach code 4 mtu 0 quote S
in icmp unreach code 4 mtu 1 quote S
in icmp unreach code 4 mtu 68 quote S
in icmp unreach code 4 mtu 65535 quote S
in icmp unreach code 4 mtu 1300 quote S quoteseq 99999
state Established
error none
skip 0.01
in ACK ack 1461
write 10
out ACK len 10
in ACK
out nothing for 3
