# A segment that was overtaken cannot take back the window that a newer one gave.
# row T-81 (RFC 9293 3.10.7.4)
start passive
write 100
out ACK seq 1 len 100
in ACK seq 1 ack 101 len 10 win 20000
out ACK ack 11 within 0.499
key snd_wnd 20000
# newer by SEG.SEQ
in ACK seq 11 ack 101 len 20 win 15000
out ACK ack 31 within 0.499
key snd_wnd 15000
write 100
out ACK seq 101 len 100
write 100
in ACK seq 31 ack 201 win 12000
skip 0.01
key snd_wnd 12000
# older by SEG.ACK
in ACK seq 31 ack 101 win 64000
key snd_wnd 12000
# the same again with another window is news
in ACK seq 31 ack 201 win 13000
key snd_wnd 13000
read 30
