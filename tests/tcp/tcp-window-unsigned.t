# A window field with its top bit set is a large window, not a negative one.
# row T-60 (RFC 9293 3.1, MUST-1)
start passive
in ACK win 65535
key snd_wnd 65535
write 40000
out ACK len 1460 times 2..10
skip 0.001
