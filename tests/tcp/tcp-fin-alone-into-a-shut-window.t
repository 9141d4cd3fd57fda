# A FIN without data gets through a shut window, if only as a probe.
# row T-120 (RFC 9293 3.8.6.1)
start passive win 0
close
out FIN,ACK seq 1 within 2
in ACK ack 2 win 0
state Finwait2
