# A FIN behind data waits for the window, and follows when it opens.
# row T-120 (RFC 9293 3.8.6.1, 3.10.4)
start passive win 0
write 10
close
out any times 1..1 within 2
in ACK ack 1 win 0
out any times 1..1 within 4
in ACK ack 1 win 1000
skip 0.001
in ACK ack 11 win 1000
skip 0.5
in ACK ack 12 win 1000
state Finwait2
