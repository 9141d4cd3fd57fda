# A shift over 14 counts as 14.
# row T-73 (RFC 7323 2.3)
start passive ws 15
in ACK win 1
key snd_wnd 16384
b: start passive ws 255
b: in ACK win 2
b: key snd_wnd 32768
