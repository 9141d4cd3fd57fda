# In slow start each acknowledged segment lets out two.
# row T-94 (RFC 5681 3.1)
# row T-107 (RFC 9406: plain slow start)
start passive ws 7
in ACK win 8000
write 200000
out ACK len 1460 times 2..10
out nothing for 0.01
in ACK ack 1461
out ACK len 1460 times 2..2
out nothing for 0.01
in ACK ack 2921
out ACK len 1460 times 2..2
out nothing for 0.01
