# The last ACK of the handshake is lost: data with the same ACK takes its place and is kept.
# row T-25 (RFC 9293 3.10.7.4)
announce 80
in SYN seq 0
out SYN,ACK seq 0 ack 1
in ACK seq 1 ack 1 len 10
out ACK seq 1 ack 11 within 0.499
accept
read 10
