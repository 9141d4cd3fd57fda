#include "region.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

void region_take(struct arena *a, size_t len)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_true(at != MAP_FAILED);
	arena_init(a, at, len);
}

void region_give_back(struct arena *a)
{
	void *at = a->base;
	size_t len = a->len;

	arena_done(a);
	munmap(at, len);
}

void seeded(struct random *r)
{
	const char *given = getenv("CATNET_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	uint8_t bytes[16] = { 0 };

	print_message("CATNET_SEED=%llu\n", (unsigned long long)seed);
	memcpy(bytes, &seed, sizeof(seed));
	random_init(r, bytes);
}

uint32_t steps(uint32_t few)
{
	return getenv("CATNET_LONG") ? few * 20 : few;
}

/* What the child has to say is of no interest. */
static void try_in_child(void (*f)(void *), void *arg)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	signal(SIGABRT, SIG_DFL);
	f(arg);
	_exit(0);
}

bool dies(void (*f)(void *), void *arg)
{
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0)
		try_in_child(f, arg);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}
