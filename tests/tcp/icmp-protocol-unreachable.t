# A protocol nobody speaks is answered with "protocol unreachable".
# row C-06 (RFC 1122 3.2.2.1)
in ip proto 253 len 20
out icmp unreach code 2 len 28..548 quotes 253
count ip4_drop_protocol 1
