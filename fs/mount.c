#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "mount.h"

#define FUSE_PATH "/dev/fuse"
#define FUSE_TYPE "fuse." MOUNT_SUBTYPE
#define DEAD_MAX  16 /* mounts of dead servers on top of each other */

__attribute__((format(printf, 4, 5))) static int fail(
	char *why, size_t why_len, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, why_len, format, args);
	va_end(args);
	return err;
}

/* What stands at MOUNTPOINT. The kernel remembers attributes for a while after their server has
 * died, so only what it must ask the server for tells that. */
static int look_at(const char *mountpoint, struct stat *st)
{
	struct statfs asked;

	if (stat(mountpoint, st) < 0)
		return -errno;
	return statfs(mountpoint, &asked) < 0 ? -errno : 0;
}

/* A mount whose server has died is of no use to anybody: it only stands in our way, and there may
 * be others below it. */
static int look_below_the_dead(const char *mountpoint, struct stat *st)
{
	int err = look_at(mountpoint, st);

	for (int i = 0; err == -ENOTCONN && i < DEAD_MAX; i++) {
		if (umount2(mountpoint, MNT_DETACH) < 0)
			break;
		err = look_at(mountpoint, st);
	}
	return err;
}

/* Does a live server of ours have PATH? A second mount would only hide the first. */
static bool is_served(const char *path)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *m;
	bool is_found = false;

	if (!mounts)
		return false;
	while (!is_found && (m = getmntent(mounts)))
		is_found = strcmp(m->mnt_dir, path) == 0 && strcmp(m->mnt_type, FUSE_TYPE) == 0;
	endmntent(mounts);
	return is_found;
}

int mount_prepare(char **out, const char *mountpoint, char *why, size_t why_len)
{
	struct stat st;
	int err = look_below_the_dead(mountpoint, &st);

	if (err == -ENOENT)
		return fail(why, why_len, err, "%s does not exist: mkdir -p %s", mountpoint,
			mountpoint);
	if (err == -ENOTCONN)
		return fail(why, why_len, err,
			"%s has the mount of a server that died: umount -l %s", mountpoint,
			mountpoint);
	if (err < 0)
		return fail(why, why_len, err, "%s: %s", mountpoint, strerror(-err));
	if (!S_ISDIR(st.st_mode))
		return fail(why, why_len, -ENOTDIR,
			"%s is no directory: give one to mount on, or mkdir -p it elsewhere",
			mountpoint);
	*out = realpath(mountpoint, NULL);
	if (!*out)
		return fail(why, why_len, -errno, "%s: %s", mountpoint, strerror(errno));
	if (is_served(*out)) {
		free(*out);
		*out = NULL;
		return fail(why, why_len, -EBUSY,
			"%s is served by another catnetd: end that one, or umount -l %s",
			mountpoint, mountpoint);
	}
	return 0;
}

static int open_device(char *why, size_t why_len)
{
	int fd = open(FUSE_PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	switch (errno) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return fail(why, why_len, -ENODEV,
			FUSE_PATH " is missing: load the module (modprobe fuse), or make it "
				  "(mknod " FUSE_PATH " c 10 229)");
	case EACCES:
	case EPERM:
		return fail(why, why_len, -errno,
			"no right to open " FUSE_PATH ": run as root, or let root allow it (chmod "
			"666 " FUSE_PATH ")");
	default:
		return fail(why, why_len, -errno, FUSE_PATH ": %s", strerror(errno));
	}
}

int mount_open(const char *mountpoint, const char *name, char *why, size_t why_len)
{
	char options[128];
	int fd = open_device(why, why_len);
	int err;

	if (fd < 0)
		return fd;
	/* allow_other is safe only together with default_permissions: then the kernel itself
	 * holds everybody to the modes that we show. */
	snprintf(options, sizeof(options),
		"fd=%d,rootmode=40000,user_id=%u,group_id=%u,allow_other,default_permissions", fd,
		(unsigned)geteuid(), (unsigned)getegid());
	if (mount(name, mountpoint, FUSE_TYPE, MS_NOSUID | MS_NODEV | MS_NOEXEC, options) == 0)
		return fd;
	err = -errno;
	close(fd);
	if (err == -EPERM || err == -EACCES)
		return fail(why, why_len, err,
			"no right to mount on %s: run as root (CAP_SYS_ADMIN)", mountpoint);
	return fail(why, why_len, err, "cannot mount on %s: %s", mountpoint, strerror(-err));
}

/* As mountinfo writes it: blanks, tabs, newlines and backslashes in octal. */
static void escape(char *out, size_t cap, const char *path)
{
	size_t len = 0;

	for (; *path && len + 5 < cap; path++) {
		if (strchr(" \t\n\\", *path))
			len += (size_t)snprintf(out + len, cap - len, "\\%03o", (unsigned)*path);
		else
			out[len++] = *path;
	}
	out[len] = '\0';
}

dev_t mount_at(const char *mountpoint)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char wanted[4 * PATH_MAX], *line = NULL;
	size_t cap = 0, len;
	dev_t found = 0;

	if (!mounts)
		return 0;
	escape(wanted, sizeof(wanted), mountpoint);
	len = strlen(wanted);
	/* ID PARENT MAJOR:MINOR ROOT MOUNTPOINT ...; what lies on top of another comes after it. */
	while (getline(&line, &cap, mounts) > 0) {
		unsigned major, minor;
		int at = 0;

		if (sscanf(line, "%*u %*u %u:%u %*s %n", &major, &minor, &at) == 2 && at > 0 &&
			strncmp(line + at, wanted, len) == 0 && line[(size_t)at + len] == ' ')
			found = makedev(major, minor);
	}
	free(line);
	fclose(mounts);
	return found;
}

void mount_close(const char *mountpoint)
{
	/* Lazily: a shell that stands in it must not keep us. */
	(void)umount2(mountpoint, MNT_DETACH);
}

static unsigned read_number(const char *file)
{
	FILE *f = fopen(file, "re");
	unsigned value = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%u", &value) != 1)
		value = 0;
	fclose(f);
	return value;
}

unsigned mount_request_timeout(void)
{
	unsigned by_default = read_number("/proc/sys/fs/fuse/default_request_timeout");
	unsigned at_most = read_number("/proc/sys/fs/fuse/max_request_timeout");

	if (by_default == 0 || (at_most > 0 && at_most < by_default))
		return at_most;
	return by_default;
}
