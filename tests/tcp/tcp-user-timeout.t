# What was sent and is not acknowledged for as long as the user said ends the connection.
# row T-90 (RFC 9293 3.8.3, 3.9.1; RFC 5482)
# row T-91 (RFC 5482)
start passive
ctl usertimeout 5000
write 100
out ACK seq 1 len 100
key user_timeout_in_us 5000000
skip 4.9
state Established
skip 0.2
state Closed
error ETIMEDOUT
event END
read 10 = ETIMEDOUT
out nothing for 600
