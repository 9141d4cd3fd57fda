# A conversation whose call was refused can call again.
# row T-22 (RFC 9293 3.10.7.3)
connect
out SYN seq 0
in RST,ACK seq 0 ack 1
error ECONNREFUSED
flow a local 0 peer 10.0.0.2!81 iss 900000
connect 10.0.0.2!81
out SYN seq 0
in SYN,ACK seq 0 ack 1
out ACK seq 1 ack 1
state Established
error none
