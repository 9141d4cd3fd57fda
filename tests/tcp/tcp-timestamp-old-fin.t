# A FIN, too, is dropped when its timestamp is old.
# row T-75 (RFC 7323 5.3)
start passive ts 1000:0
in FIN,ACK seq 1 ts 999:last
out ACK ack 1
state Established
