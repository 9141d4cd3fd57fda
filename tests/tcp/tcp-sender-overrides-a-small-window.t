# A window that stays small is used in the end: after a while, what it allows is sent.
# row T-83 (RFC 9293 3.8.6.2.1, MUST-38)
start passive win 14600
write 20000
out ACK len 1460 times 2..10
in ACK win 500
out ACK len 1..500 within 2
state Established
