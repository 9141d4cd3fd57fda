# A reset with an ACK field of any value is judged by its sequence number alone.
# row T-45 (RFC 5961 3.2)
start passive
in RST,ACK seq 2 ack 1
out ACK seq 1 ack 1
after 1
in RST,ACK seq 1 ack 1
state Closed
error ECONNRESET
