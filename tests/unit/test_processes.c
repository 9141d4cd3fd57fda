/* Real processes that hold conversations: what /proc tells of them, and that their end is heard. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../fs/processes.h"
#include "../lib/tree.h"

#define WAIT_MS 10000

/* A tree whose processes are the system's. */
struct rig {
	struct world w;
	struct processes *processes;
	const struct opener *opener;
};

static struct rig rig;

static int rig_up(void **state)
{
	struct fs_config config = world_config();

	assert_int_equal(processes_new(&rig.processes), 0);
	rig.opener = processes_opener(rig.processes);
	config.opener = rig.opener;
	world_up_with(&rig.w, &config);
	assert_int_equal(make_dir(&rig.w, ROOT, "/udp/web"), 0);
	*state = &rig;
	return 0;
}

static int rig_down(void **state)
{
	(void)state;
	world_down(&rig.w);
	processes_free(rig.processes);
	return 0;
}

static int hold(int pid)
{
	char line[32];

	snprintf(line, sizeof(line), "hold %d", pid);
	return echo(&rig.w, ROOT, line, "/udp/web/ctl") > 0 ? 0 : -1;
}

/* A child that lives until it is killed, or we have ended. */
static pid_t child(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return pid;
}

static void end(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static bool has_news(int timeout_ms)
{
	struct pollfd p = { .fd = processes_fd(rig.processes), .events = POLLIN };

	return poll(&p, 1, timeout_ms) == 1;
}

static bool is_there(const char *dir)
{
	struct fs_attr attr;

	return walk(&rig.w, ROOT, dir, &attr) == 0;
}

static void the_end_of_a_process_is_heard(void **state)
{
	pid_t pid = child();
	(void)state;

	assert_int_equal(hold(pid), 0);
	assert_false(has_news(0));
	end(pid);
	assert_true(has_news(WAIT_MS));
	processes_pump(rig.processes, rig.w.fs);
	world_turn(&rig.w);
	assert_false(is_there("/udp/web"));
	assert_false(has_news(0));
}

static void what_was_let_go_is_not_heard_of(void **state)
{
	pid_t pid = child();
	(void)state;

	assert_int_equal(hold(pid), 0);
	assert_int_equal(hold(getpid()), 0);
	end(pid);
	assert_false(has_news(0));
	assert_true(is_there("/udp/web"));
}

static void one_that_has_ended_and_is_not_waited_for_holds_nothing(void **state)
{
	pid_t pid = child();
	siginfo_t info;
	(void)state;

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(hold(pid), -1);
	assert_non_null(strstr(cat(&rig.w, ROOT, "/udp/web/err"), "no such process"));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(hold(pid), -1);
}

static void it_tells_who_a_process_is(void **state)
{
	struct process is;
	(void)state;

	assert_int_equal(rig.opener->look(rig.opener->arg, getpid(), &is), 0);
	assert_int_equal(is.pid, getpid());
	assert_int_equal(is.uid, getuid());
	assert_int_equal(is.euid, geteuid());
	assert_false(is.is_within);
	assert_int_equal(is.pid_within, getpid());
}

static void *look_at_itself(void *arg)
{
	struct process is;

	rig.opener->look(rig.opener->arg, (int32_t)syscall(SYS_gettid), &is);
	*(int32_t *)arg = is.pid;
	return NULL;
}

static void a_thread_is_its_process(void **state)
{
	pthread_t thread;
	int32_t pid = 0;
	(void)state;

	assert_int_equal(pthread_create(&thread, NULL, look_at_itself, &pid), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(pid, getpid());
}

static void what_is_not_there_is_not_found(void **state)
{
	struct process is;
	int token;
	(void)state;

	assert_int_equal(rig.opener->look(rig.opener->arg, INT32_MAX, &is), -ESRCH);
	assert_int_equal(rig.opener->pidfd(rig.opener->arg, INT32_MAX, &token), -ESRCH);
}

static void without_a_descriptor_left_it_is_refused_in_words(void **state)
{
	struct rlimit before, none;
	pid_t pid = child();
	int n;
	(void)state;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	n = hold(pid);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(n, -1);
	assert_non_null(strstr(cat(&rig.w, ROOT, "/udp/web/err"),
		": 0 processes hold conversations, and there can be no more\n"));
	end(pid);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, rig_up, rig_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_end_of_a_process_is_heard),
		CASE(what_was_let_go_is_not_heard_of),
		CASE(one_that_has_ended_and_is_not_waited_for_holds_nothing),
		CASE(it_tells_who_a_process_is),
		CASE(a_thread_is_its_process),
		CASE(what_is_not_there_is_not_found),
		CASE(without_a_descriptor_left_it_is_refused_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
