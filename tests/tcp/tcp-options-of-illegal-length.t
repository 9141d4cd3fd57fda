# An option whose length is 0, 1, or points past the end neither hangs nor crashes; what follows
# still works.
# row T-04 (RFC 9293 3.1, MUST-7)
announce 80
b: in SYN seq 0 opt 02000000
skip
c: in SYN seq 0 opt 02010000
skip
d: in SYN seq 0 opt 02ff05b4
skip
e: in SYN seq 0 opt 010102
skip
f: in SYN seq 0 opt fe00fe00
skip
g: in SYN seq 0 opt fe010101
skip
h: in SYN seq 0 opt 0204
skip
i: in SYN seq 0 opt 080a0000
skip
j: in SYN seq 0 opt 02030500030400000802ffff0402
skip
start passive
in ACK seq 1 len 5 opt fe00fe00
skip 1
k: flow k local 80 peer 10.0.0.3!7000
k: start passive
k: in ACK seq 1 len 5
k: out ACK ack 6 within 0.499
k: read 5
