# What is out of place is acknowledged in TIME-WAIT as rarely as anywhere; a FIN always is.
# row T-47 (RFC 5961 7)
start passive
close
out FIN,ACK seq 1 ack 1
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2 within 0.199
release
in ACK seq 77 ack 2
out ACK seq 2 ack 2
in ACK seq 77 ack 2
in SYN seq -9
in ACK seq 77 ack 2
out nothing for 0.4
in FIN,ACK seq 1 ack 2
out ACK seq 2 ack 2
after 0.2
in ACK seq 77 ack 2
out ACK seq 2 ack 2
count tcp_challenge_acks 2
count tcp_challenge_acks_held_back 3
