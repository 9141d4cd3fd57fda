# A window that opens lets the time begin anew, also when it is shut again.
# row T-91 (RFC 5482)
start passive win 0
ctl usertimeout 10000
write 1000
skip 9
in ACK ack 1 win 500
out ACK seq 1 len 500
in ACK ack 501 win 0
skip 9
state Established
in ACK ack 501 win 5000
out ACK seq 501 len 500
in ACK ack 1001
out nothing for 60
state Established
error none
