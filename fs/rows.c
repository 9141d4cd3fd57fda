/* rows.c - THE TREE: one row a file. */
#include "rows.h"

#include <string.h>

#include "ctl.h"
#include "files.h"

/* clang-format off */
const struct file_row fs_rows[] = {
	{ "stats",     DIR_ROOT,  TABLE,  0444, .tell = root_stats_tell, .size = FS_LONG_SIZE },
	{ "err",       DIR_ROOT,  TABLE,  0444, .tell = root_err_tell },
	{ "arp",       DIR_ROOT,  TABLE,  0664, .tell = arp_tell, .write = arp_write, .size = FS_LONG_SIZE },
	{ "iproute",   DIR_ROOT,  TABLE,  0664, .tell = iproute_tell, .write = iproute_write, .size = FS_LONG_SIZE },
	{ "ipselftab", DIR_ROOT,  TABLE,  0444, .tell = ipselftab_tell, .size = FS_LONG_SIZE },
	{ "events",    DIR_ROOT,  STREAM, 0444, .open = events_open, .read = feed_read, .taken = feed_taken, .poll = feed_poll, .read_waits = FEED_LINE },
	{ "log",       DIR_ROOT,  STREAM, 0640, .open = log_open_file, .read = feed_read, .taken = feed_taken, .write = log_write, .poll = feed_poll, .read_waits = FEED_LINE },

	{ "clone",     DIR_PROTO, STREAM, 0666, .open = clone_open, .read = ctl_read, .taken = ctl_taken, .write = ctl_write, .poll = ctl_poll, .write_waits = CONV_UP },
	{ "stats",     DIR_PROTO, TABLE,  0444, .tell = proto_stats_tell, .size = FS_LONG_SIZE },

	{ "ctl",       DIR_CONV,  STREAM, 0600, .open = live_open, .read = ctl_read, .taken = ctl_taken, .write = ctl_write, .poll = ctl_poll, .write_waits = CONV_UP },
	{ "data",      DIR_CONV,  STREAM, 0600, .open = live_open, .read = data_read, .taken = data_taken, .write = data_write, .ioctls = data_ioctls, .poll = data_poll, .read_waits = CONV_IN, .write_waits = CONV_OUT, .size = FS_DATA_SIZE },
	{ "listen",    DIR_CONV,  STREAM, 0600, .open = listen_open, .read = ctl_read, .taken = ctl_taken, .write = ctl_write, .poll = ctl_poll, .open_waits = CONV_CALL, .write_waits = CONV_UP },
	{ "accept",    DIR_CONV,  STREAM, 0600, .read = accept_read, .taken = accept_taken, .write = accept_write, .poll = accept_poll, .read_waits = CONV_CALL },
	{ "err",       DIR_CONV,  TABLE,  0400, .tell = err_tell },
	{ "local",     DIR_CONV,  TABLE,  0444, .tell = local_tell },
	{ "remote",    DIR_CONV,  TABLE,  0444, .tell = remote_tell },
	{ "status",    DIR_CONV,  TABLE,  0444, .tell = status_tell },
	{ "stats",     DIR_CONV,  TABLE,  0400, .tell = conv_stats_tell, .size = FS_LONG_SIZE },

	{ "clone",     DIR_IFCS,  STREAM, 0600, .open = ifc_clone_open, .read = ifc_ctl_read, .taken = ctl_taken, .write = ifc_ctl_write, .poll = ifc_ctl_poll },
	{ "stats",     DIR_IFCS,  TABLE,  0444, .tell = ifcs_stats_tell, .size = FS_LONG_SIZE },
	{ "ctl",       DIR_IFC,   STREAM, 0664, .read = ifc_ctl_read, .taken = ctl_taken, .write = ifc_ctl_write, .poll = ifc_ctl_poll },
	{ "local",     DIR_IFC,   TABLE,  0444, .tell = ifc_local_tell },
	{ "status",    DIR_IFC,   TABLE,  0444, .tell = ifc_status_tell },
	{ "stats",     DIR_IFC,   TABLE,  0444, .tell = ifc_stats_tell, .size = FS_LONG_SIZE },
};
/* clang-format on */

_Static_assert(ARRAY_LEN(fs_rows) <= ROWS_MAX, "a row's number fits its bits of a node");

/* Of files that are not built yet: what is called so today would be in the way tomorrow. */
static const char *const reserved[] = { "ipifc", "cs", "dns", "ndb", "policy", "hold", "tcp", "udp",
	"icmp", "icmpv6" };

unsigned rows_n(void)
{
	return ARRAY_LEN(fs_rows);
}

const struct file_row *row_at(unsigned i)
{
	return i < rows_n() ? &fs_rows[i] : NULL;
}

unsigned row_number(const struct file_row *row)
{
	return (unsigned)(row - fs_rows);
}

/* Of a file without a size some programs read nothing: they have the kernel splice it, which begins
 * with the size. Where there is one the front says no to that, and then they read. GNU tail goes
 * back from there by 8 KiB, and gives up at the second step that finds nothing: so two steps are
 * the most. */
uint32_t row_size(const struct file_row *row)
{
	return row->size != 0 ? row->size : FS_FILE_SIZE;
}

unsigned row_in_conv(unsigned i)
{
	unsigned first = 0;

	while (fs_rows[first].dir != DIR_CONV)
		first++;
	ASSERT(i >= first && i - first < CONV_ROWS_MAX && fs_rows[i].dir == DIR_CONV);
	return i - first;
}

const struct file_row *row_find(enum fs_dir dir, const char *name)
{
	for (unsigned i = 0; i < rows_n(); i++) {
		if (fs_rows[i].dir == dir && strcmp(fs_rows[i].name, name) == 0)
			return &fs_rows[i];
	}
	return NULL;
}

bool name_is_reserved(const char *name)
{
	for (unsigned i = 0; i < rows_n(); i++) {
		if (strcmp(fs_rows[i].name, name) == 0)
			return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(reserved); i++) {
		if (strcmp(reserved[i], name) == 0)
			return true;
	}
	return false;
}
