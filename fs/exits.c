/* exits.c - the exit statuses. */
#include "exits.h"

#include <sysexits.h>

/* clang-format off */
const struct exit_row exit_rows[] = {
	{ EX_OK,          "orderly end: it was told to, or unmounted", { 0 } },
	{ EX_USAGE,       "mistake in the options", { -EINVAL } },
	{ EX_NOINPUT,     "no such mount point, or no such file of --config", { -ENOENT, -ENOTDIR, -ENOTCONN, -ELOOP, -ENAMETOOLONG } },
	{ EX_UNAVAILABLE, "device missing, unfit or taken, or mount point served already", { -ENODEV, -ENXIO, -EBUSY, -EBADF, -ENOTSOCK } },
	{ EX_OSERR,       "another error of the system", { 0 } },
	{ EX_CANTCREAT,   "a file that was asked for cannot be written", { 0 } },
	{ EX_TEMPFAIL,    "address taken by another station, or ended before it served", { -EADDRINUSE } },
	{ EX_NOPERM,      "no right to do it", { -EPERM, -EACCES } },
	{ EX_CONFIG,      "mistake in the file of --config, or a command in it failed", { 0 } },
};
/* clang-format on */

const unsigned exit_rows_n = ARRAY_LEN(exit_rows);

int exit_of_error(int err)
{
	if (err >= 0)
		return EX_OK;
	for (size_t i = 0; i < ARRAY_LEN(exit_rows); i++) {
		for (size_t k = 0; k < EXIT_ERRORS_MAX && exit_rows[i].errors[k] != 0; k++) {
			if (exit_rows[i].errors[k] == err)
				return exit_rows[i].status;
		}
	}
	return EX_OSERR;
}
