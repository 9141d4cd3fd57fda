# A call to a host that does not answer ARP fails with "host unreachable" in bounded time.
# row L-17 (RFC 1122 2.4)
silent 10.0.0.9
connect 10.0.0.9!80
skip 30
state Closed
error EHOSTUNREACH
event END
count neigh_drop_unreachable 1..5
# and may be tried again
unsilent 10.0.0.9
connect 10.0.0.9!80
out SYN seq 0
in RST,ACK seq 0 ack 1
error ECONNREFUSED
