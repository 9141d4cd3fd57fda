# Without being asked for, an idle connection says nothing.
# row T-92 (RFC 9293 3.8.4, MUST-25)
# row X-07 (house rule)
start passive
out nothing for 100000
state Established
