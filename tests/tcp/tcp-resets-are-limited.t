# Resets for nothing are limited in rate.
# row T-48 (practice)
q: flow q local 99
q: in ACK seq 5 ack 77 times 1000
q: out RST seq 77 times 1..250
count tcp_resets_held_back 750..999
