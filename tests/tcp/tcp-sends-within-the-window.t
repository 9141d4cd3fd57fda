# Never more than the window that was offered.
# row T-80 (RFC 9293 3.8.6, MUST-34)
start passive win 2920
write 20000
out stream 1..2921 by 1460
out nothing for 0.05
in ACK ack 2921 win 1460
out stream 2921..4381 by 1460
out nothing for 0.05
in ACK ack 2921 win 4380
out stream 4381..7301 by 1460
out nothing for 0.05
