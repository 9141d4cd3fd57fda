# Window scale is offered by us, and in answer to an offer; the window in a SYN is not scaled.
# row T-73 (RFC 7323 2.2, 2.3)
announce 80
in SYN seq 0 mss 1460 ws 7 win 1000
out SYN,ACK seq 0 ack 1 ws 0..14
in ACK seq 1 ack 1 win 10
accept
key snd_wnd 1280
b: connect
b: out SYN seq 0 ws 0..14
