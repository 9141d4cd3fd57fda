# A peer that has gone is given up after 100 s at least, and the application told.
# row T-90 (RFC 9293 3.8.3, MUST-20, SHLD-10, SHLD-11)
start passive
write 100
out ACK seq 1 len 100
skip 99
state Established
skip 3600
state Closed
error ETIMEDOUT
event END
read 10 = ETIMEDOUT
out nothing for 600
