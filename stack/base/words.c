#include "text.h"

/* clang-format off */
static const struct {
	int error;
	const char *words;
} errors[] = {
	{ EACCES,          "permission denied" },
	{ EADDRINUSE,      "address already in use" },
	{ EADDRNOTAVAIL,   "not an address of ours" },
	{ EAGAIN,          "would have to wait" },
	{ EALREADY,        "already connecting" },
	{ EBADMSG,         "malformed message" },
	{ ECONNABORTED,    "hung up at this end" },
	{ ECONNREFUSED,    "connection refused by the peer" },
	{ ECONNRESET,      "connection reset by the peer" },
	{ EDQUOT,          "quota used up" },
	{ EEXIST,          "exists already" },
	{ EHOSTUNREACH,    "host unreachable" },
	{ EINPROGRESS,     "now connecting" },
	{ EINTR,           "interrupted" },
	{ EINVAL,          "invalid argument" },
	{ EIO,             "the device is gone" },
	{ EISCONN,         "already connected or announced" },
	{ EMFILE,          "too many conversations" },
	{ EMSGSIZE,        "message too long" },
	{ ENETUNREACH,     "network unreachable" },
	{ ENOBUFS,         "no buffer space available" },
	{ ENODEV,          "no such device" },
	{ ENOENT,          "no such thing" },
	{ ENOMEM,          "memory used up" },
	{ ENOPROTOOPT,     "the peer does not speak this protocol" },
	{ ENOSPC,          "table full" },
	{ ENOTCONN,        "not connected" },
	{ EOPNOTSUPP,      "not supported by this protocol" },
	{ EPERM,           "not permitted" },
	{ EPIPE,           "nothing more can be written" },
	{ EPROTO,          "protocol error" },
	{ ERANGE,          "out of range" },
	{ ESRCH,           "no such process" },
	{ ESTALE,          "no such conversation any more" },
	{ ETIMEDOUT,       "timed out" },
};
/* clang-format on */

const char *error_words(int error)
{
	if (error == 0)
		return "";
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (errors[i].error == error || errors[i].error == -error)
			return errors[i].words;
	return "unknown error";
}
