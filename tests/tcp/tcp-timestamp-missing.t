# After agreement a segment without timestamps is dropped quietly; a reset is not.
# row T-76 (RFC 7323 3.2)
start passive ts 1000:0
in ACK seq 1 len 10 no-ts
in FIN,ACK seq 1 no-ts
out nothing for 1
read 10 = EAGAIN
state Established
count tcp_drop_no_timestamp 2
in RST seq 1
state Closed
error ECONNRESET
