# Whose acknowledgements arrive is there: nobody asks for him when his entry has aged.
# row L-16 (RFC 4861 7.3.1, 7.3.3)
arp by hand
connect
out arp request
in arp reply spa 10.0.0.2 tpa 10.0.0.1
out SYN seq 0
in SYN,ACK seq 0 ack 1
out ACK seq 1 ack 1
after 60
write 10
out ACK seq 1 len 10
in ACK ack 11
out nothing for 30
