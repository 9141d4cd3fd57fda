/*
 * test_sim.c - run seeds: `test_sim` for the usual 200, `test_sim --seed N` for one with its
 * packet capture, `test_sim --from N --count M` for any range. After `--hostile` the same in
 * worlds of ill-behaved programs, tiny buffers and odd links.
 */
#include "../../stack/base/text.h"
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEEDS_USUAL   200
#define SEEDS_HOSTILE 60

static struct sim world;
static struct sim again;

static void keep_evidence(uint64_t seed)
{
	char path[128];

	mkdir("build", 0755);
	mkdir("build/failed", 0755);
	snprintf(path, sizeof path, "build/failed/sim-%llu.pcap", (unsigned long long)seed);
	wire_capture_open(&world, path);
	world.is_verbose = true;
	sim_run(&world, seed, NULL);
	world.is_verbose = false;
	close(world.pcap_fd);
	world.pcap_fd = -1;
	printf("  frames of the failed run: %s\n  again: make sim %sSEED=%llu\n", path,
		world.is_hostile ? "HOSTILE=1 " : "", (unsigned long long)seed);
}

/* Every tenth seed runs twice: the same seed must give the same frames at the same times. */
static bool one(uint64_t seed)
{
	bool ok = sim_run(&world, seed, NULL);

	if (ok && seed % 10 == 0) {
		sim_run(&again, seed, NULL);
		if (again.trace != world.trace)
			ok = sim_fail(&world, "a second run differs: %016llx and %016llx",
				(unsigned long long)world.trace, (unsigned long long)again.trace);
	}
	if (!ok) {
		printf("FAILED sim seed %llu: %s\n", (unsigned long long)seed, world.why);
		keep_evidence(seed);
	}
	return ok;
}

/* One loss after the other, as the issue of a stream through bad weather asks for it. */
static bool stream_survives(uint32_t loss)
{
	struct weather w = { .loss = loss,
		.delay_us = 10000,
		.jitter_us = 2000,
		.reorder = 10000,
		.duplicate = 10000,
		.corrupt = 5000,
		.queue_max = 1000 };
	uint64_t bytes = loss >= 300000 ? 300000 : 3000000;
	usec_t took_us = sim_stream(&world, 7000 + loss, &w, bytes, 1 << 20);

	if (took_us == 0) {
		printf("FAILED sim stream through %u %% loss: %s\n", loss / 10000, world.why);
		return false;
	}
	printf("ok sim stream of %llu bytes through %u %% loss, %.1f virtual seconds\n",
		(unsigned long long)bytes, loss / 10000, (double)took_us / 1e6);
	return true;
}

static unsigned run_range(uint64_t from, uint64_t count)
{
	unsigned failed = 0;

	for (uint64_t seed = from; seed < from + count; seed++)
		failed += !one(seed);
	if (!failed)
		printf("ok sim%s seeds %llu to %llu: byte-exact, orderly, at rest\n",
			world.is_hostile ? ", hostile," : "", (unsigned long long)from,
			(unsigned long long)(from + count - 1));
	return failed;
}

static int run_usual(void)
{
	static const uint32_t losses[] = { 0, 10000, 50000, 100000, 300000 };
	unsigned failed = 0;

	for (unsigned i = 0; i < ARRAY_LEN(losses); i++)
		failed += !stream_survives(losses[i]);
	for (uint64_t from = 0; from < SEEDS_USUAL; from += 20)
		failed += run_range(from, 20);
	world.is_hostile = again.is_hostile = true;
	for (uint64_t from = 0; from < SEEDS_HOSTILE; from += 20)
		failed += run_range(from, 20);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run_one(uint64_t seed)
{
	char path[128];

	mkdir("build", 0755);
	snprintf(path, sizeof path, "build/sim-%llu.pcap", (unsigned long long)seed);
	wire_capture_open(&world, path);
	world.is_verbose = true;
	if (!sim_run(&world, seed, NULL)) {
		printf("FAILED sim seed %llu: %s; %s\n", (unsigned long long)seed, world.why, path);
		return EXIT_FAILURE;
	}
	printf("ok sim seed %llu: %u talks, %.3f virtual seconds, trace %016llx; %s\n",
		(unsigned long long)seed, world.talks_n,
		(double)(world.now_us - world.began_us) / 1e6, (unsigned long long)world.trace,
		path);
	return EXIT_SUCCESS;
}

static uint64_t number_of(const char *word, uint64_t least, uint64_t most)
{
	uint64_t n;

	if (number_parse(&n, word, most) == 0 && n >= least)
		return n;
	fprintf(stderr, "test_sim: expected a number from %llu to %llu, got \"%s\"\n",
		(unsigned long long)least, (unsigned long long)most, word);
	exit(2);
}

int main(int argc, char **argv)
{
	world.pcap_fd = again.pcap_fd = -1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 1)
		return run_usual();
	if (strcmp(argv[1], "--hostile") == 0) {
		world.is_hostile = again.is_hostile = true;
		argc--;
		argv++;
	}
	if (argc == 3 && strcmp(argv[1], "--seed") == 0)
		return run_one(number_of(argv[2], 0, UINT64_MAX));
	if (argc == 5 && strcmp(argv[1], "--from") == 0 && strcmp(argv[3], "--count") == 0)
		return run_range(number_of(argv[2], 0, UINT32_MAX),
			       number_of(argv[4], 1, UINT32_MAX)) != 0;
	fprintf(stderr, "usage: test_sim [--hostile] [--seed N | --from N --count M]\n");
	return 2;
}
