# A SYN that comes with a FIN makes no connection that is half closed before it is open.
# row T-52 (RFC 9293 3.10.7.2)
announce 80
in SYN,FIN seq 0 mss 1460
skip 0.01
l: noevent CALL
in ACK seq 1 ack 1
skip 0.5
