#include "fake_tree.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catnet.h"

const char *fake_path(const struct fake *f, const char *file)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", f->root, file);
	return path;
}

void fake_text(const struct fake *f, const char *file, const char *text)
{
	FILE *to = fopen(fake_path(f, file), "w");

	assert_non_null(to);
	assert_int_equal(fputs(text, to) < 0, 0);
	assert_int_equal(fclose(to), 0);
}

static void put_dir(const struct fake *f, const char *dir)
{
	assert_int_equal(mkdir(fake_path(f, dir), 0700), 0);
}

void fake_link(const struct fake *f, const char *to, const char *file)
{
	unlink(fake_path(f, file));
	assert_int_equal(symlink(to, fake_path(f, file)), 0);
}

static int put_fifo(const struct fake *f, const char *file)
{
	assert_int_equal(mkfifo(fake_path(f, file), 0600), 0);

	int fd = open(fake_path(f, file), O_RDWR | O_NONBLOCK);

	assert_true(fd >= 0);
	return fd;
}

int fake_up(void **state)
{
	struct fake *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->root, sizeof(f->root), "/tmp/catnet-fake-XXXXXX");
	assert_non_null(mkdtemp(f->root));
	put_dir(f, "tcp");
	fake_text(f, "tcp/clone", "7\n");
	put_dir(f, "tcp/7");
	f->ctl = put_fifo(f, "tcp/7/ctl");
	f->data = put_fifo(f, "tcp/7/data");
	fake_text(f, "tcp/7/local", "::!0\n");
	fake_text(f, "tcp/7/remote", "::!0\n");
	fake_text(f, "tcp/7/listen", "8\n");
	put_dir(f, "tcp/8");
	fake_text(f, "tcp/8/data", "a call");
	fake_text(f, "tcp/8/remote", "10.0.0.9!4321\n");
	fake_link(f, "tcp", "udp");
	assert_int_equal(setenv("CATNET", f->root, 1), 0);
	*state = f;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

int fake_down(void **state)
{
	struct fake *f = *state;

	close(f->ctl);
	close(f->data);
	nftw(f->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

void assert_commands(const struct fake *f, const char *expected)
{
	char text[256];
	ssize_t n = read(f->ctl, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	assert_string_equal(text, expected);
}

struct sockaddr_in in_of(const char *address, uint16_t port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

	assert_int_equal(inet_pton(AF_INET, address, &in.sin_addr), 1);
	return in;
}

int connect4(int fd, const char *address, uint16_t port)
{
	struct sockaddr_in in = in_of(address, port);

	return net_connect(fd, (struct sockaddr *)&in, sizeof(in));
}

int bind4(int fd, const char *address, uint16_t port)
{
	struct sockaddr_in in = in_of(address, port);

	return net_bind(fd, (struct sockaddr *)&in, sizeof(in));
}

int fake_stream(void)
{
	int fd = net_socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	return fd;
}

int fake_datagrams(void)
{
	int fd = net_socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	return fd;
}
