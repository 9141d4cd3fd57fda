# The window field is unsigned, and scaled it has 30 bits.
# row T-60 (RFC 9293 3.1, MUST-1; RFC 7323 2.3)
start passive ws 14
in ACK win 65535
key snd_wnd 1073725440
in ACK win 32768
key snd_wnd 536870912
