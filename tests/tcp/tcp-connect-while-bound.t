# A port that was bound is the one that is called from.
# row T-13 (RFC 9293 3.9.1.1, MUST-43)
bind 10.0.0.1!7777
connect 10.0.0.2!80
local 10.0.0.1!7777
out SYN seq 0 src 10.0.0.1
b: connect 10.0.0.2!80 from 10.0.0.1!7777 = EADDRINUSE
