# Ten ACKs for one segment's bytes let out no more than one segment's ACK would.
# row T-55 (RFC 5681 3.1; RFC 3465)
start passive
write 100000
out ACK len 1460 times 2..10
batch
in ACK ack 147
in ACK ack 293
in ACK ack 439
in ACK ack 585
in ACK ack 731
in ACK ack 877
in ACK ack 1023
in ACK ack 1169
in ACK ack 1315
in ACK ack 1461
end
out ACK len 1460 times 0..2
out nothing for 0.05
