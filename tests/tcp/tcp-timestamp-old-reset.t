# A reset is obeyed whatever its timestamp.
# row T-75 (RFC 7323 5.2)
start passive ts 1000:0
in RST seq 1 ts 999:0
state Closed
error ECONNRESET
