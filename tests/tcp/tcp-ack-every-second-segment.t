# At least every second full segment is acknowledged at once.
# row T-62 (RFC 9293 3.8.6.3, SHLD-19; RFC 5681 4.2)
start passive
in ACK seq 1 len 1460
in ACK seq 1461 len 1460
out ACK times 1..2
acked 2921
in ACK seq 2921 len 1460
in ACK seq 4381 len 1460
out ACK times 1..2
acked 5841
in ACK seq 5841 len 1460
out ACK ack 7301 within 0.499
read 7300
