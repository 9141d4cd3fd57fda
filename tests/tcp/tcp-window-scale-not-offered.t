# Without window scale in the SYN there is none in the SYN,ACK.
# row T-73 (RFC 7323 1.3, 2.2)
start passive
write 10
out ACK seq 1 len 10
b: announce 80 = -200..-1
c: flow c local 80 peer 10.0.0.3!5
c: in SYN seq 0 mss 1460
c: out SYN,ACK seq 0 ack 1 no-ws no-ts
