/* What a program does at its limits, and in several threads and processes, with libcatnet. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/fake_tree.h"
#include "catnet.h"

#define FORKS 200

/* --- why it failed ------------------------------------------------------------------------ */

/* The ctl takes one more command of LEN bytes, and would have to wait for the next. */
static void leave_room(const struct fake *f, size_t len)
{
	static const char full[4096];
	int cap = fcntl(f->ctl, F_SETPIPE_SZ, (int)sizeof(full));

	assert_int_equal(cap, sizeof(full));
	assert_int_equal(write(f->ctl, full, sizeof(full) - len), sizeof(full) - len);
}

static void listen_fails_with_the_errno_of_the_announcement(void **state)
{
	int fd = net_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	leave_room(*state, strlen("backlog 5\n"));
	assert_int_equal(net_listen(fd, 5), -1);
	assert_int_equal(errno, EAGAIN);
	net_close(fd);
}

static void the_mapped_wildcard_as_a_destination_means_this_host(void **state)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(80) };
	int fd = net_socket(AF_INET6, SOCK_STREAM, 0);

	inet_pton(AF_INET6, "::ffff:0.0.0.0", &to.sin6_addr);
	assert_int_equal(net_connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_commands(*state, "connect 127.0.0.1!80\n");
	net_close(fd);
}

/* --- no descriptors left ------------------------------------------------------------------ */

/* Leave N descriptors to be had; the limit as it was. */
static struct rlimit leave_descriptors(unsigned n)
{
	struct rlimit before, now;
	int next = dup(0);

	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	now = before;
	now.rlim_cur = (rlim_t)next + n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
	return before;
}

static void accept_without_a_descriptor_for_the_data_takes_no_call(void **state)
{
	struct fake *f = *state;
	int fd = fake_stream();
	char text[8] = { 0 };
	struct rlimit before;

	unlink(fake_path(f, "tcp/7/listen"));
	assert_int_equal(mkfifo(fake_path(f, "tcp/7/listen"), 0600), 0);

	int calls = open(fake_path(f, "tcp/7/listen"), O_RDWR | O_NONBLOCK);

	assert_int_equal(write(calls, "8\n", 2), 2);
	before = leave_descriptors(1);
	assert_int_equal(net_accept(fd, NULL, NULL), -1);
	assert_int_equal(errno, EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(read(calls, text, sizeof(text)), 2);
	close(calls);
	net_close(fd);
}

/* --- threads and processes ---------------------------------------------------------------- */

static void *ask_for_nothing(void *arg)
{
	atomic_bool *done = arg;
	struct sockaddr_in in;
	socklen_t len = sizeof(in);

	while (!atomic_load(done))
		(void)net_getsockname(-1, (struct sockaddr *)&in, &len);
	return NULL;
}

/* A lock that a thread held when another one forked would never be let go of in the child. */
static void a_child_can_close_what_it_inherited_whatever_others_did_meanwhile(void **state)
{
	atomic_bool done = false;
	pthread_t other;
	unsigned well = 0;
	int fd = fake_stream();

	(void)state;
	assert_int_equal(pthread_create(&other, NULL, ask_for_nothing, &done), 0);
	for (unsigned i = 0; i < FORKS; i++) {
		int status = -1;
		pid_t child = fork();

		if (child == 0) {
			alarm(10);
			_exit(net_close(fd) == 0 ? 0 : 1);
		}
		assert_true(waitpid(child, &status, 0) == child);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			break;
		well++;
	}
	atomic_store(&done, true);
	pthread_join(other, NULL);
	net_close(fd);
	assert_int_equal(well, FORKS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_CASE(listen_fails_with_the_errno_of_the_announcement),
		FAKE_CASE(the_mapped_wildcard_as_a_destination_means_this_host),
		FAKE_CASE(accept_without_a_descriptor_for_the_data_takes_no_call),
		FAKE_CASE(a_child_can_close_what_it_inherited_whatever_others_did_meanwhile),
	};

	return cmocka_run_group_tests_name("libcatnet at its edges", tests, NULL, NULL);
}
