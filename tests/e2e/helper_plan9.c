/*
 * helper_plan9 call ADDRESS WORDS | answer ADDRESS N | reject ADDRESS - Plan 9's calls, as a
 * program brought over from there would make them.
 *
 * call: dial, send WORDS, print what comes back and the conversation's directory. answer: announce,
 * and send back what each of N callers says first. reject: announce, and reset the first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLAN9_NAMES
#include "plan9.h"

static int die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, p9why());
	return 1;
}

static int call(const char *address, const char *words)
{
	char answer[256];
	char dir[P9_DIR_MAX];
	int ctl;
	int data = dial(address, NULL, dir, &ctl);
	ssize_t n;

	if (data < 0)
		return die("dial");
	if (write(data, words, strlen(words)) < 0 || (n = read(data, answer, sizeof(answer))) < 0) {
		perror(dir);
		return 1;
	}
	printf("%s %.*s\n", dir, (int)n, answer);
	close(ctl);
	close(data);
	return 0;
}

static int answer(const char *address, int calls)
{
	char dir[P9_DIR_MAX];
	char new_dir[P9_DIR_MAX];
	char words[256];
	int announced = announce(address, dir);

	if (announced < 0)
		return die("announce");
	for (int i = 0; i < calls; i++) {
		int ctl = listen(dir, new_dir);
		int data = ctl < 0 ? -1 : accept(ctl, new_dir);

		if (data < 0)
			return die("listen");
		close(ctl);

		ssize_t n = read(data, words, sizeof(words));

		if (n < 0 || write(data, words, (size_t)n) < 0)
			return 1;
		close(data);
	}
	close(announced);
	return 0;
}

static int refuse(const char *address)
{
	char dir[P9_DIR_MAX];
	char new_dir[P9_DIR_MAX];
	int announced = announce(address, dir);
	int ctl = announced < 0 ? -1 : listen(dir, new_dir);

	if (ctl < 0 || reject(ctl, new_dir, "not today") < 0)
		return die("reject");
	close(ctl);
	close(announced);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "call") == 0)
		return call(argv[2], argv[3]);
	if (argc == 4 && strcmp(argv[1], "answer") == 0)
		return answer(argv[2], (int)strtol(argv[3], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "reject") == 0)
		return refuse(argv[2]);
	fputs("usage: helper_plan9 call ADDRESS WORDS | answer ADDRESS N | reject ADDRESS\n",
		stderr);
	return 64;
}
