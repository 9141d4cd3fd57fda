# "Port unreachable" about our SYN fails the call at once; a forged one does not.
# row C-11 (RFC 9293 3.9.2.2; RFC 5461)
connect
out SYN seq 0 save S
in icmp unreach code 3 quote S quoteseq 77
in icmp unreach code 3 quote S quoteseq -1
state Syn_sent
in icmp unreach code 3 quote S
state Closed
error ECONNREFUSED
event END
