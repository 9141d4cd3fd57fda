# A call has the user timeout of its listener.
# row T-91 (RFC 5482)
announce 80
l: ctl usertimeout 5000
in SYN seq 0
out SYN,ACK seq 0 ack 1
in ACK seq 1 ack 1
accept
key user_timeout_ms 5000
write 10
out ACK seq 1 len 10
skip 5.1
error ETIMEDOUT
