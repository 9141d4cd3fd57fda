# Challenge ACKs are limited for each conversation by itself, so that one cannot count another's.
# row T-47 (RFC 5961 7; CVE-2016-5696)
start passive
b: start passive
a: in RST seq 2 times 200
a: out ACK seq 1 ack 1 times 1..10
b: in RST seq 2
b: out ACK seq 1 ack 1
count tcp_challenge_acks_held_back 190..199
after 10
a: in RST seq 2
a: out ACK seq 1 ack 1
a: state Established
