# What is not sent fills the send buffer; then a write takes nothing, until there is room.
# row T-113 (practice)
start passive win 0
ctl sndbuf 65536
write 10000000 = 60000..70000
write 1 = EAGAIN
noevent OUT
skip 3
in ACK win 65535
skip 0.01
in ACK
skip 0.01
in ACK
skip 0.01
in ACK
skip 0.01
in ACK
skip 0.01
in ACK
skip 0.01
in ACK
skip 0.01
in ACK
skip 0.01
in ACK
skip 0.01
in ACK
skip 0.01
in ACK
event OUT
write 1
out ACK len 1
