/*
 * null_fuse MOUNTPOINT - what FUSE alone costs: a tree of the same shape whose files do nothing.
 *
 * tcp/N/{ctl,data,status}, for any N: what is written is swallowed, what is read is a status line.
 * libfuse and epoll as catnetd has them, and the same requests for each use of a file, so that
 * the difference is what catnetd does.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include <fuse_lowlevel.h>

#define NODE_PROTO   2
#define NODE_CONV    3
#define NODE_FILES   4 /* and all above: each lookup of a file gives one of its own */
#define TEXT_LEN     600
#define DAY_S        86400.0
#define ATTR_VALID_S 1.0

static char text[TEXT_LEN];
static fuse_ino_t node_next = NODE_FILES;

static struct stat stat_of(fuse_ino_t node)
{
	return (struct stat){ .st_ino = node,
		.st_mode = node < NODE_FILES ? S_IFDIR | 0755 : S_IFREG | 0600,
		.st_nlink = 1 };
}

static void on_init(void *userdata, struct fuse_conn_info *conn)
{
	(void)userdata;
	conn->want = conn->capable & (FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_PARALLEL_DIROPS);
}

static void on_lookup(fuse_req_t req, fuse_ino_t dir, const char *name)
{
	struct fuse_entry_param e = { .attr_timeout = ATTR_VALID_S };

	(void)name;
	e.ino = dir < NODE_CONV ? dir + 1 : node_next++;
	e.entry_timeout = dir == FUSE_ROOT_ID ? DAY_S : 0;
	e.attr = stat_of(e.ino);
	fuse_reply_entry(req, &e);
}

static void on_getattr(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	struct stat st = stat_of(node);

	(void)fi;
	fuse_reply_attr(req, &st, ATTR_VALID_S);
}

static void on_open(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	(void)node;
	fi->direct_io = 1;
	fuse_reply_open(req, fi);
}

static void on_read(
	fuse_req_t req, fuse_ino_t node, size_t size, off_t off, struct fuse_file_info *fi)
{
	(void)node, (void)size, (void)fi;
	fuse_reply_buf(req, text, off == 0 ? TEXT_LEN : 0);
}

static void on_write(fuse_req_t req, fuse_ino_t node, const char *bytes, size_t size, off_t off,
	struct fuse_file_info *fi)
{
	(void)node, (void)bytes, (void)off, (void)fi;
	fuse_reply_write(req, size);
}

static void on_release(fuse_req_t req, fuse_ino_t node, struct fuse_file_info *fi)
{
	(void)node, (void)fi;
	fuse_reply_err(req, 0);
}

static const struct fuse_lowlevel_ops ops = { .init = on_init,
	.lookup = on_lookup,
	.getattr = on_getattr,
	.open = on_open,
	.read = on_read,
	.write = on_write,
	.release = on_release };

static void serve(struct fuse_session *session)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct fuse_buf request = { .mem = NULL };
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	int fd = fuse_session_fd(session);

	if (epoll_fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ||
		epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return;
	while (!fuse_session_exited(session)) {
		int got;

		if (epoll_wait(epoll_fd, &event, 1, -1) < 1)
			continue;
		got = fuse_session_receive_buf(session, &request);
		if (got > 0)
			fuse_session_process_buf(session, &request);
		else if (got != -EAGAIN && got != -EINTR)
			break;
	}
	free(request.mem);
}

int main(int argc, char **argv)
{
	char *words[] = { argv[0], "-odefault_permissions", NULL };
	struct fuse_args args = FUSE_ARGS_INIT(2, words);
	struct fuse_session *session;

	if (argc != 2) {
		fprintf(stderr, "usage: null_fuse MOUNTPOINT\n");
		return 2;
	}
	memset(text, 'x', sizeof(text));
	session = fuse_session_new(&args, &ops, sizeof(ops), NULL);
	fuse_opt_free_args(&args);
	if (!session)
		return 1;
	if (fuse_set_signal_handlers(session) == 0 && fuse_session_mount(session, argv[1]) == 0) {
		serve(session);
		fuse_session_unmount(session);
	}
	fuse_session_destroy(session);
	return 0;
}
