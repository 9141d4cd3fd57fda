# Without a connection there is nothing to read from or write to.
# row T-78 (RFC 9293 3.10.2, 3.10.3)
ctl nodelay on
read 10 = ENOTCONN
write 10 = ENOTCONN
announce 80
l: read 10 = EINVAL
l: write 10 = -200..-1
