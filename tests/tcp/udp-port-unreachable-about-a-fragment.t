# An error that quotes a later fragment of ours concerns nobody by ports.
# row C-08 (RFC 1122 3.2.2)
u: connect udp 10.0.0.2!53 from 10.0.0.1!5000
u: write 3000
out ip off 0 mf save F
out ip off 1480 mf save G
out ip off 2960 nomf
in icmp unreach code 3 quote G
u: read 100 = EAGAIN
in icmp unreach code 3 quote F
u: read 100 = ECONNREFUSED
