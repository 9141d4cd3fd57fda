# A second call, or one by a listener, is refused at home.
# row T-11 (RFC 9293 3.10.1)
connect
out SYN seq 0
connect = EALREADY
in SYN,ACK seq 0 ack 1
out ACK seq 1 ack 1
connect = EISCONN
announce 80
l: connect 10.0.0.2!81 = EISCONN
b: ctl nodelay on
b: write 10 = ENOTCONN
out nothing for 1
