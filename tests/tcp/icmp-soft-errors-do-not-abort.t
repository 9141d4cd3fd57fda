# Unreachable net or host, source route failed, time exceeded and parameter problem are told, but
# never end a connection.
# row C-09 (RFC 9293 3.9.2.2, MUST-56, SHLD-25)
start active
write 10
out ACK seq 1 len 10 save S
in icmp unreach code 0 quote S
soft ENETUNREACH
in icmp unreach code 1 quote S
soft EHOSTUNREACH
in icmp unreach code 5 quote S
in icmp exceeded code 0 quote S
in icmp exceeded code 1 quote S
in icmp param code 0 quote S
state Established
error none
out nothing for 0.05
in ACK ack 11
in ACK seq 1 len 10
out ACK ack 11 within 0.499
read 10
