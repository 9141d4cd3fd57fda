# Whatever is taken of what was sent lets the time begin anew; it does not run when all is.
# row T-91 (RFC 5482)
start passive
ctl usertimeout 5000
out nothing for 86400
write 2920
out stream 1..2921 by 1460
skip 4
in ACK ack 1461
skip 4.9
state Established
in ACK ack 2921
out nothing for 1000
write 10
out ACK seq 2921 len 10
skip 4.9
state Established
skip 0.2
error ETIMEDOUT
