# Who closes without reading what has come resets the connection.
# row T-125 (RFC 9293 3.6.1, SHLD-3; RFC 2525 2.17)
start passive
in ACK seq 1 len 10
out ACK ack 11 within 0.499
release
out RST,ACK seq 1 ack 11
out nothing for 300
