/* groups.c - the line "Groups:" of a thread's status. */
#include "groups.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A process may be in 65,536 groups; one that is in more than fit here must use its own. */
#define STATUS_MAX 16384

static bool read_status(int32_t pid, char *to, size_t cap)
{
	char path[40];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, to, cap - 1);
	close(fd);
	to[n > 0 ? n : 0] = '\0';
	return n > 0;
}

bool groups_hold(void *arg, const struct cred *who, uint32_t gid)
{
	char status[STATUS_MAX];
	const char *at;
	char *end;

	(void)arg;
	if (who->pid <= 0 || !read_status(who->pid, status, sizeof(status)))
		return false;
	at = strstr(status, "\nGroups:");
	if (at == NULL)
		return false;
	at += strlen("\nGroups:");
	for (;;) {
		unsigned long group = strtoul(at, &end, 10);

		/* A number that was cut short by the end of what was read is none. */
		if (end == at || (*end != ' ' && *end != '\n'))
			return false;
		if (group == gid)
			return true;
		at = end;
		if (*at == '\n')
			return false;
	}
}
