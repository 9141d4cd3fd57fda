# All that came in one batch is processed before it is acknowledged.
# row T-64 (RFC 9293 3.8.6.3, MUST-58, MUST-59)
# row X-08 (house rule)
start passive
batch
in stream 1..14601 by 1460
end
out ACK times 1..5
acked 14601
read 14600
