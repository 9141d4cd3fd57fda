# Window updates alone are not answered.
# row T-40 (RFC 9293 3.10.7.4)
start passive
in ACK win 100
in ACK win 200
in ACK win 65535
out nothing for 5
