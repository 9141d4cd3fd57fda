/* main.c - catnetd: from the command line to the exit status. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "../drivers/driver.h"
#include "exits.h"
#include "loop.h"
#include "server.h"

/* The way to the background: the parent waits here until the child is READY or has failed, and
 * ends with its status; only the child returns. The descriptor to say so on, or -errno. */
static int leave_foreground(void)
{
	char ready;
	int fds[2], status;
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child < 0)
		return -errno;
	if (child == 0) {
		close(fds[0]);
		setsid();
		return fds[1];
	}
	close(fds[1]);
	if (read(fds[0], &ready, 1) == 1)
		_exit(EX_OK);
	if (waitpid(child, &status, 0) == child && WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	_exit(EX_OSERR);
}

/* A file that standard error was sent to goes on being written; a terminal, or a pipe whose
 * reader waits for its end, is let go. */
static void let_go_of_terminal(struct log *log)
{
	struct stat st;
	bool keep = fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (!keep)
		log_to_system(log);
	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	if (!keep)
		dup2(null, STDERR_FILENO);
	close(null);
}

static void say_ready(struct server *s, int ready_fd)
{
	log_say(&s->log, LEVEL_INFO, "serving %s on %s", s->options->mountpoint, s->nic->link.name);
	if (ready_fd < 0)
		return;
	let_go_of_terminal(&s->log);
	(void)!write(ready_fd, "r", 1);
	close(ready_fd);
}

static int run(struct server *s, int ready_fd)
{
	int err = server_open(s);
	enum loop_end end;

	if (err < 0)
		return err == -EINTR ? 0 : err;
	say_ready(s, ready_fd);
	do
		end = loop_turn(s->loop, USEC_NEVER);
	while (end == LOOP_GOES_ON);
	if (end == LOOP_UNMOUNTED)
		log_say(&s->log, LEVEL_INFO, "ending: %s was unmounted", s->options->mountpoint);
	return 0;
}

static void tell(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "catnetd: %s\n", line);
}

/* Serve until the end; the exit status. */
static int serve(struct server *s)
{
	int ready_fd = -1;
	int err = 0;

	log_open(&s->log, s->options->level);
	if (!s->options->in_foreground) {
		ready_fd = leave_foreground();
		err = ready_fd < 0 ? server_fail(s, ready_fd, "the background") : 0;
	}
	if (err == 0)
		err = run(s, ready_fd);
	if (err < 0)
		tell(NULL, s->why);
	server_close(s);
	return err < 0 && s->status != 0 ? s->status : exit_of_error(err);
}

int main(int argc, char **argv)
{
	const struct teller to = { .tell = tell };
	struct server *s = calloc(1, sizeof(*s));
	int status;

	if (!s || !(s->options = calloc(1, sizeof(*s->options)))) {
		free(s);
		return EX_OSERR;
	}
	status = options_read(s->options, argc, argv, NULL, 0, &to);
	if (status == 0 && s->options->is_check)
		printf("%s: ok\n", s->options->config_path);
	else if (status == 0)
		status = serve(s);
	options_free(s->options);
	free(s->options);
	free(s);
	return status;
}
