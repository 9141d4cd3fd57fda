# After some retransmissions the way itself is doubted: a peer whose station has changed is found
# again long before the connection is given up.
# row T-90 (RFC 9293 3.8.3, MUST-20; RFC 1122 3.3.1.4)
# row L-16 (RFC 1122 2.3.2.1)
start passive
write 10
out ACK seq 1 len 10
in ACK ack 11
moved 10.0.0.2 02:00:00:00:99:99
write 10
out ACK seq 11 len 10 ethdst of:10.0.0.2
skip 10
out ACK seq 11 len 10 ethdst 02:00:00:00:99:99 within 20
in ACK ack 21 ethsrc 02:00:00:00:99:99
state Established
