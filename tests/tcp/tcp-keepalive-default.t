# A keepalive that was asked for waits 2 hours at least.
# row T-92 (RFC 9293 3.8.4, MUST-24, MUST-28)
start passive
ctl keepalive
out nothing for 7199
out ACK seq 0 len 0..1 ack 1 within 7300
in ACK seq 1 ack 1
out nothing for 7199
state Established
