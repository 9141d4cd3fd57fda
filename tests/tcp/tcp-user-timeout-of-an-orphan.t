# What nobody holds any more is tried no longer than by default, whatever its user said.
# row T-90 (RFC 9293 3.8.3)
# row T-91 (RFC 5482)
start passive
ctl usertimeout 4000000000
write 10
out ACK seq 1 len 10
release
skip 1000
in ACK seq 1 ack 11
out RST seq 11
