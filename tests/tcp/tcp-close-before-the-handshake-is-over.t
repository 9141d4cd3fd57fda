# Close in SYN-SENT ends the call without a word.
# row T-120 (RFC 9293 3.10.4)
connect
out SYN seq 0
close
out nothing for 10
state Closed
