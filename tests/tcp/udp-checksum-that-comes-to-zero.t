# A checksum that comes to zero is sent as ffff: zero would mean "none".
# row U-01 (RFC 768)
u: connect udp 10.0.0.2!53 from 10.0.0.1!43616
u: write "AB"
out udp from 10.0.0.1!43616 text "AB"
