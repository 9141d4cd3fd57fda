# Errors are limited in rate.
# row C-07 (RFC 4443 2.4 f, for IPv4 too)
in udp to 10.0.0.1!99 len 8 times 1000
out icmp unreach code 3 len * times 1..20
count icmp4_errors_held_back 980..999
after 60
in udp to 10.0.0.1!99 len 8
out icmp unreach code 3 len *
