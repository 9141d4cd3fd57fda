# A flow that does not use its window does not make it larger.
# row T-108 (RFC 7661 4.4; RFC 9293 3.8.2)
start passive
write 1460
out ACK len 1460
in ACK
write 1460
out ACK len 1460
in ACK
write 1460
out ACK len 1460
in ACK
write 1460
out ACK len 1460
in ACK
write 1460
out ACK len 1460
in ACK
write 1460
out ACK len 1460
in ACK
write 1460
out ACK len 1460
in ACK
write 1460
out ACK len 1460
in ACK
key cwnd 2920..17520
