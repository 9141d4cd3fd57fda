# Our timestamps tick once in 1 ms to 1 s, and begin elsewhere for each connection.
# row T-77 (RFC 7323 5.4, 7.1)
start passive ts 1000:0
b: start passive ts 1000:0
a: write 10
a: out ACK seq 1 len 10 save A
b: write 10
b: out ACK seq 1 len 10 save B
check A.tsval != B.tsval
a: in ACK ack 11
b: in ACK ack 11
after 100
a: write 10
a: out ACK seq 11 len 10 save C
check C.tsval-A.tsval 100..100000
