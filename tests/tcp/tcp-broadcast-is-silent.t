# Segments to or from everybody are dropped without an answer.
# row T-10 (RFC 9293 3.9.2.3, MUST-57, MUST-63)
# row I-21 (RFC 9293 MUST-57)
announce 80
in SYN seq 0 dst 10.0.0.255 ethdst broadcast
in SYN seq 0 dst 255.255.255.255 ethdst broadcast
in SYN seq 0 dst 224.0.0.1 ethdst 01:00:5e:00:00:01
in SYN seq 0 dst 10.0.0.255
in SYN seq 0 src 10.0.0.255
in SYN seq 0 src 255.255.255.255
in SYN seq 0 src 224.0.0.5
in SYN seq 0 src 0.0.0.0
in ACK seq 0 ack 9 dst 10.0.0.255 ethdst broadcast
out nothing for 2
l: noevent CALL
count tcp_drop_broadcast 5
start passive
