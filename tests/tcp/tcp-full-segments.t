# Small writes are sent as full segments when there is enough of them.
# row T-84 (RFC 9293 3.7.4, SHLD-28)
start passive
write 1
out ACK seq 1 len 1
write 500
write 500
write 460
out ACK seq 2 len 1460
write 700
write 700
write 600
out ACK seq 1462 len 1460
out nothing for 0.05
in ACK ack 2922
out ACK seq 2922 len 540
