# A window scale option outside a SYN means nothing.
# row T-73 (RFC 7323 2.2)
start passive ws 2
in ACK seq 1 len 1 opt 03030e00 win 100
out ACK ack 2 within 0.499
key snd_wnd 400
read 1
