# After `shutdown rd` what was offered is still taken, to the last byte.
# row T-65 (RFC 9293 3.8.6, SHLD-14)
start passive
ctl rcvbuf 4096
shutdown rd
batch
in stream 1..65536 by 1460
end
out ACK seq 1 ack 65536
