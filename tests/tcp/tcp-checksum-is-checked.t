# A segment with a wrong checksum is dropped without an answer.
# row T-01 (RFC 9293 3.1, MUST-3)
announce 80
in SYN seq 0 badsum
out nothing for 1
count tcp_drop_checksum 1
start passive
in ACK seq 1 len 10 badsum
out nothing for 1
count tcp_drop_checksum 2
read 10 = EAGAIN
