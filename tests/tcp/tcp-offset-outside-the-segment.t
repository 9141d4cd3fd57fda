# A data offset under 5 words, or past the end of the segment, drops it.
# row T-02 (RFC 9293 3.1)
announce 80
in SYN seq 0 doff 4
in SYN seq 0 doff 0
in SYN seq 0 doff 15
in SYN seq 0 doff 6
out nothing for 1
count tcp_drop_offset 4
# shorter than any header
in ip proto 6 hex 0fa00050000000010000
out nothing for 1
count tcp_drop_short 1
