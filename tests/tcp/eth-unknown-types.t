# Unknown EtherTypes, 802.3 and LLC frames, and runts are dropped quietly.
# row L-03 (RFC 1122 2.3.3)
in eth ethertype 0x1234 len 46
in eth ethertype 0x0026 len 46
in eth ethertype 0x86dd len 46
in eth ethertype 0x8100 len 46
out nothing for 1
count eth_drop_type 4
in hex 02000a000001
in hex 02000a00000102000a00000208
in hex 02
out nothing for 1
count eth_drop_short 3
