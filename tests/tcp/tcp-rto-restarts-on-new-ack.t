# An ACK of new data starts the timer anew.
# row T-88 (RFC 6298 5.3)
connect
out SYN seq 0
after 0.5
in SYN,ACK seq 0 ack 1 mss 1460
out ACK seq 1 ack 1
ctl nodelay on
write 100
out ACK seq 1 len 100
after 0.5
write 100
out ACK seq 101 len 100
in ACK ack 101
key rto_us 1240000..1260000
out ACK seq 101 len 100 after 1.23..1.28
