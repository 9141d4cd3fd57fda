# Once synchronised, "port unreachable" and "protocol unreachable" do not end a connection, least
# of all when they quote what is not in flight.
# row C-10 (RFC 9293 3.9.2.2, SHLD-26; RFC 5927 5.2)
start active
write 10
out ACK seq 1 len 10 save S
in icmp unreach code 3 quote S quoteseq 100000
in icmp unreach code 2 quote S quoteseq -10
in icmp unreach code 3 quote S
in icmp unreach code 2 quote S
state Established
error none
in ACK ack 11
out nothing for 1
