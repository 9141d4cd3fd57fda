#include "reload.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../stack/base/text.h"
#include "../stack/net.h"
#include "config.h"
#include "configure.h"
#include "loop.h"
#include "server.h"

/* In front of words that say why there is no text; no JSON begins so. */
#define NO_TEXT '\1'

/* --- the child --------------------------------------------------------------------------- */

static void write_all(int fd, const char *at, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0)
			return;
		at += n;
		len -= (size_t)n;
	}
}

/* Nothing of the server's but the pipe: while the child has /dev/fuse the mount would not end. */
_Noreturn static void read_for_parent(const char *path, int to)
{
	char why[OPTIONS_WHY_MAX] = { NO_TEXT };
	char *text;
	size_t len;

	/* One that waits for a file that never comes is nobody's once the server is killed. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(to, STDIN_FILENO) < 0)
		_exit(1);
	close_range(STDIN_FILENO + 1, ~0u, 0);
	if (config_load(&text, &len, path, why + 1, sizeof(why) - 1) < 0) {
		text = why;
		len = strlen(why);
	}
	write_all(STDIN_FILENO, text, len);
	_exit(0);
}

int reload_init(struct server *s)
{
	const char *path = s->options->config_path;
	char *here;

	if (!path)
		return 0;
	here = *path == '/' ? strdup("") : getcwd(NULL, 0);
	if (!here)
		return -errno;
	if (asprintf(&s->config_path, "%s%s%s", here, *here ? "/" : "", path) < 0)
		s->config_path = NULL;
	free(here);
	return s->config_path ? 0 : -ENOMEM;
}

void reload_end(struct server *s)
{
	struct reload *r = &s->reload;

	if (r->fd >= 0) {
		(void)loop_watch(s->loop, -1);
		close(r->fd);
	}
	r->fd = -1;
	if (r->child > 0)
		kill(r->child, SIGKILL);
	r->child = 0;
	free(r->text);
	r->text = NULL;
	r->len = 0;
	/* One that is stuck in a read is waited for by the next. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
}

static int begin(struct server *s)
{
	struct reload *r = &s->reload;
	int fds[2];

	r->text = malloc(CONFIG_LEN_MAX + 2);
	if (!r->text)
		return -ENOMEM;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	r->child = fork();
	if (r->child == 0)
		read_for_parent(s->config_path, fds[1]);
	close(fds[1]);
	r->fd = fds[0];
	if (r->child < 0) {
		r->child = 0;
		return -EAGAIN;
	}
	return loop_watch(s->loop, r->fd);
}

void reload_begin(struct server *s)
{
	char lines[64];
	int err;

	s->wants_reload = false;
	if (!s->config_path) {
		log_say(&s->log, LEVEL_WARNING, "SIGHUP: there is no --config to read again");
		return;
	}
	reload_end(s);
	snprintf(lines, sizeof(lines), "RELOADING=1\nMONOTONIC_USEC=%llu\n",
		(unsigned long long)loop_clock_us());
	daemon_notify(&s->daemon, lines);
	err = begin(s);
	if (err == 0)
		return;
	log_say(&s->log, LEVEL_ERROR, "%s is not read again: %s", s->config_path, strerror(-err));
	reload_end(s);
	daemon_notify(&s->daemon, "READY=1\n");
}

/* --- what changes ------------------------------------------------------------------------ */

static void tell_log(void *arg, const char *line)
{
	log_say(arg, LEVEL_ERROR, "%s", line);
}

static bool has_addr(const struct options *o, const struct options_addr *a)
{
	for (unsigned i = 0; i < o->addrs_n; i++) {
		if (addr_equal(&o->addrs[i].addr, &a->addr) && o->addrs[i].bits == a->bits)
			return true;
	}
	return false;
}

static bool has_gateway(const struct options *o, const struct options_gateway *g)
{
	for (unsigned i = 0; i < o->gateways_n; i++) {
		if (addr_equal(&o->gateways[i].addr, &g->addr))
			return true;
	}
	return false;
}

/* What the file no longer says goes first: an address may come back with another prefix. */
static void take_away(struct server *s, const struct options *old, const struct options *new)
{
	for (unsigned i = 0; i < old->gateways_n; i++) {
		const struct addr *a = &old->gateways[i].addr;
		struct addr any = addr_is_v4(a) ? addr_from_v4(0) : addr_any;

		if (!has_gateway(new, &old->gateways[i]))
			(void)net_route_del(s->stack, &any, addr_is_v4(a) ? 96 : 0);
	}
	for (unsigned i = 0; i < old->addrs_n; i++) {
		if (has_addr(new, &old->addrs[i]))
			continue;
		(void)net_addr_del(s->stack, s->ifc, &old->addrs[i].addr);
		log_say(&s->log, LEVEL_INFO, "%s is no longer ours", old->addrs[i].from->value);
	}
}

/* A gateway that stays may have lost the address that led to it, and its route with that. */
static void add_what_is_new(struct server *s, const struct options *old, const struct options *new,
	const struct teller *to)
{
	for (unsigned i = 0; i < new->addrs_n; i++) {
		if (has_addr(old, &new->addrs[i]))
			continue;
		if (configure_addr(s, &new->addrs[i]) < 0)
			to->tell(to->arg, s->why);
		else
			log_say(&s->log, LEVEL_INFO, "%s is ours now", new->addrs[i].from->value);
	}
	for (unsigned i = 0; i < new->gateways_n; i++) {
		int err = configure_gateway(s, &new->gateways[i]);

		if (err < 0 && err != -EEXIST)
			to->tell(to->arg, s->why);
	}
}

/* What was said when we started, and is said otherwise now. */
static void warn_of_what_cannot(struct server *s, const struct options *new)
{
	for (unsigned i = 0; i < option_words_n; i++) {
		const struct option_word *w = &option_words[i];

		if (!(w->flags & (CAN_CHANGE | IN_LINE_ONLY)) && options_differ(s->options, new, w))
			log_say(&s->log, LEVEL_WARNING,
				"%s: %s cannot change while the server runs: start it again",
				s->config_path, w->name);
	}
}

static int turn(void *arg)
{
	return server_turn(arg, USEC_NEVER);
}

static void obey_what_is_new(struct server *s, struct options *old, const struct teller *to)
{
	unsigned gone = 0;

	if (s->latest->config)
		gone = config_follow(s->latest->config, old->config);
	if (gone > 0)
		log_say(&s->log, LEVEL_WARNING,
			"%s: %u commands are gone from it; what they did stays", s->config_path,
			gone);
	(void)configure_commands(s, s->latest, turn, to);
}

static void use(struct server *s, struct options *new, const struct teller *to)
{
	struct options *old = s->latest;

	warn_of_what_cannot(s, new);
	s->latest = new; /* from here on places are the new file's */
	s->log.level = new->level;
	loop_set_spin(s->loop, new->spin_us);
	tracer_want(&s->tracer, new->trace);
	take_away(s, old, new);
	add_what_is_new(s, old, new, to);
	obey_what_is_new(s, old, to);
	if (old != s->options) {
		options_free(old);
		free(old);
	}
}

static void apply(struct server *s, const char *text, size_t len)
{
	const struct teller to = { .tell = tell_log, .arg = &s->log };
	struct options *new = calloc(1, sizeof(*new));
	int status = -1;

	if (new)
		status = options_read(new, s->argc, s->argv, text, len, &to);
	if (status == 0) {
		use(s, new, &to);
		log_say(&s->log, LEVEL_INFO, "%s is read again", s->config_path);
		return;
	}
	log_say(&s->log, LEVEL_ERROR, "%s is as it was for us: correct it, and send SIGHUP again",
		s->config_path);
	if (new)
		options_free(new);
	free(new);
}

/* --- its bytes --------------------------------------------------------------------------- */

void reload_pump(struct server *s)
{
	struct reload *r = &s->reload;
	ssize_t got = read(r->fd, r->text + r->len, CONFIG_LEN_MAX + 1 - r->len);
	char *text;
	size_t len;

	s->wants_pump = false;
	r->len += got > 0 ? (size_t)got : 0;
	if (got > 0 && r->len <= CONFIG_LEN_MAX)
		return;
	text = r->text;
	len = r->len;
	r->text = NULL;
	reload_end(s);
	text[len] = '\0';
	if (len > 0 && text[0] == NO_TEXT)
		log_say(&s->log, LEVEL_ERROR, "%s", text + 1);
	else
		apply(s, text, len);
	free(text);
	daemon_notify(&s->daemon, "READY=1\n");
}
