# A peer that has forgotten the connection answers a keepalive with a reset.
# row T-92 (RFC 9293 3.8.4)
start passive
ctl keepalive 10000
out ACK seq 0 len 0..1 ack 1 after 9.9..10.2
in RST seq 1
state Closed
error ECONNRESET
