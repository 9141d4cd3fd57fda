/*
 * Runs transcripts: those named on the command line, or all in tests/tcp. Each runs in a process
 * of its own, three times: the same seed must give the same frames (row X-05), and it must pass
 * when the application lends its blocks and reads in bites, as the tree does, and the device cuts
 * long packets. One that fails runs again with everything written down in build/failed/<name>/,
 * which a crash leaves behind too. To be started at the top of the tree.
 */
#include "../lib/transcript.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_PATTERN "tests/tcp/*.t"

/* A transcript that takes longer than this in real time is in a circle. */
#define SECONDS_MAX 60

static const char *base_name(const char *path, char *to, size_t cap)
{
	const char *slash = strrchr(path, '/');
	char *dot;

	(void)snprintf(to, cap, "%s", slash ? slash + 1 : path);
	dot = strrchr(to, '.');
	if (dot)
		*dot = '\0';
	return to;
}

/* In the child: 0 when it passed, all three times. */
static int run_thrice(const char *path, const char *name, unsigned way)
{
	struct transcript_result first, second, lent;

	(void)alarm(SECONDS_MAX);
	if (!transcript_run(path, name, way, &first)) {
		(void)printf("  error: %s\n", first.fault);
		return 1;
	}
	if (!transcript_run(path, name, TRANSCRIPT_TRACED, &second) ||
		first.trace != second.trace) {
		(void)printf(
			"  error: the same seed gave other frames when it was traced (X-05)\n");
		return 1;
	}
	if (!transcript_run(path, name, TRANSCRIPT_LENT | way, &lent)) {
		(void)printf(
			"  error: with lent blocks, small reads and offload: %s\n", lent.fault);
		return 1;
	}
	return 0;
}

static int run_apart(const char *path, const char *name, unsigned way)
{
	int status = 0;
	pid_t child;

	(void)fflush(stdout);
	child = fork();
	if (child == 0) {
		int failed;

		if (!way) /* its words are those of the second, written run */
			(void)freopen("/dev/null", "w", stdout);
		failed = run_thrice(path, name, way);
		(void)fflush(stdout);
		_exit(failed);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return -1;
	return status;
}

static bool run_path(const char *program, const char *path)
{
	char name[200];
	int status;

	base_name(path, name, sizeof(name));
	status = run_apart(path, name, 0);
	if (status == 0) {
		(void)printf("[       OK ] %s\n", name);
		return true;
	}
	(void)printf("[  FAILED  ] %s\n", name);
	status = run_apart(path, name, TRANSCRIPT_EVIDENCE);
	if (WIFSIGNALED(status))
		(void)printf("  error: ended by signal %d\n", WTERMSIG(status));
	(void)printf("  rerun: %s %s\n", program, path);
	return false;
}

/* As cmocka ends, which tests/run reads. */
static int sum_up(char **failed, size_t failed_n, size_t n)
{
	size_t i;

	(void)printf("[  PASSED  ] %zu test(s).\n", n - failed_n);
	if (failed_n)
		(void)printf("[  FAILED  ] %zu test(s), listed below:\n", failed_n);
	for (i = 0; i < failed_n; i++) {
		char name[200];

		(void)printf("[  FAILED  ] %s\n", base_name(failed[i], name, sizeof(name)));
	}
	return failed_n || n == 0;
}

static int run_all(const char *program, char **paths, size_t n)
{
	char **failed = calloc(n + 1, sizeof(*failed));
	size_t failed_n = 0, i;
	int status;

	if (!failed)
		abort();
	for (i = 0; i < n; i++)
		if (!run_path(program, paths[i]))
			failed[failed_n++] = paths[i];
	status = sum_up(failed, failed_n, n);
	free(failed);
	return status;
}

int main(int argc, char **argv)
{
	glob_t found;
	int status;

	if (argc > 1)
		return run_all(argv[0], argv + 1, (size_t)argc - 1);
	if (glob(DEFAULT_PATTERN, 0, NULL, &found))
		return sum_up(NULL, 0, 0);
	status = run_all(argv[0], found.gl_pathv, found.gl_pathc);
	globfree(&found);
	return status;
}
