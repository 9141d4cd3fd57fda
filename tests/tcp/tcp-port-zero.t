# Port 0 is nobody's: what comes from it is dropped without an answer, a reset included.
# row T-48 (RFC 6335 6)
flow a local 80 peer 10.0.0.2!0
in SYN seq 0
in ACK seq 5 ack 5
out nothing for 1
announce 80
in SYN seq 0
out nothing for 1
count tcp_drop_port_zero 3
count tcp_resets_out 0
