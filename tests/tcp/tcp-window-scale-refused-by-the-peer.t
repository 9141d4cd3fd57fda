# A peer without window scale gets, and gives, plain windows.
# row T-73 (RFC 7323 2.2)
start active
in ACK seq 1 len 10
out ACK ack 11 win 1000..65535 within 0.499
in ACK win 500
key snd_wnd 500
read 10
