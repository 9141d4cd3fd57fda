#include "replay.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lives.h"
#include "text.h"

#define PATH_WORDS_MAX 4
#define PATH_LEN_MAX   256
#define ERR_LEN_MAX    512 /* of what an err file says */

/* A line taken apart. */
struct order {
	char path[PATH_LEN_MAX];
	const char *words[PATH_WORDS_MAX]; /* of the path */
	unsigned words_n;
	const char *command;
};

/* A request and what became of it. */
struct errand {
	struct req req;
	bool is_answered;
	ssize_t result;
	char *bytes; /* where a READ's go, CAP of them and a NUL */
	size_t cap;
};

struct replay {
	const struct replay_config *config;
	struct session session;
	struct text why;
	node_t made_in; /* the directory in which a name was made for this; 0: none was */
};

/* --- requests ---------------------------------------------------------------------------- */

static int answer(struct req *r, ssize_t result, const struct span *spans, int pieces)
{
	struct errand *e = CONTAINER_OF(r, struct errand, req);
	size_t len = 0;

	for (int i = 0; e->bytes != NULL && i < pieces; i++) {
		size_t part = min_size(spans[i].len, e->cap - len);

		memcpy(e->bytes + len, spans[i].at, part);
		len += part;
	}
	if (e->bytes != NULL)
		e->bytes[len] = '\0';
	e->is_answered = true;
	e->result = result;
	return 0;
}

/* Nobody polls our files. */
static void notify(struct session *session, void *token)
{
	(void)session, (void)token;
}

static struct errand errand(struct replay *p, enum req_op op)
{
	return (struct errand){
		.req = { .op = (uint8_t)op,
			.session = &p->session,
			.caller = p->config->who,
			.answer = answer },
	};
}

/* Until E is answered, however long that takes. */
static ssize_t run(struct replay *p, struct errand *e)
{
	int err;

	fs_submit(p->config->fs, &e->req);
	while (!e->is_answered) {
		err = p->config->turn(p->config->arg);
		if (err < 0 && !e->is_answered) {
			fs_interrupt(p->config->fs, &e->req);
			ASSERT(e->is_answered);
			return err;
		}
	}
	return e->result;
}

static int open_node(struct replay *p, node_t node, enum fs_open how, uint64_t *handle)
{
	struct errand e = errand(p, REQ_OPEN);
	ssize_t n;

	e.req.open = (uint8_t)how;
	e.req.node = node;
	n = run(p, &e);
	*handle = e.req.handle;
	return (int)n;
}

static int write_words(struct replay *p, uint64_t handle, const char *words)
{
	struct errand e = errand(p, REQ_WRITE);
	ssize_t n;

	e.req.handle = handle;
	e.req.at = (const uint8_t *)words;
	e.req.len = strlen(words);
	n = run(p, &e);
	return n < 0 ? (int)n : 0;
}

/* --- what an err says -------------------------------------------------------------------- */

static ssize_t read_file(struct replay *p, node_t dir, const char *name, char *at, size_t most)
{
	struct errand e = errand(p, REQ_READ);
	struct fs_attr attr;
	ssize_t n = fs_lookup(p->config->fs, &p->config->who, dir, name, &attr);

	if (n == 0)
		n = open_node(p, attr.node, FS_OPEN_READ, &e.req.handle);
	if (n < 0)
		return n;
	e.req.len = most;
	e.bytes = at;
	e.cap = most;
	n = run(p, &e);
	fs_close(p->config->fs, e.req.handle);
	return n;
}

/* The first line of the file `err` in DIR; false when it has none. */
static bool read_err(struct replay *p, node_t dir, char at[ERR_LEN_MAX + 1])
{
	if (read_file(p, dir, "err", at, ERR_LEN_MAX) <= 0)
		return false;
	at[strcspn(at, "\n")] = '\0';
	return true;
}

/* ERR, in the words that DIR's err has for it; else in those of the root's, where files without
 * an err of their own tell. */
static int explain(struct replay *p, node_t dir, int err)
{
	char at[ERR_LEN_MAX + 1];

	text_clear(&p->why);
	if (read_err(p, dir, at) || read_err(p, NODE_ROOT, at))
		text_put(&p->why, at);
	else
		text_put(&p->why, failure_words(err));
	return err;
}

__attribute__((format(printf, 3, 4))) static int refuse(
	struct replay *p, int err, const char *format, ...)
{
	char at[ERR_LEN_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(at, sizeof(at), format, args);
	va_end(args);
	text_clear(&p->why);
	text_put(&p->why, at);
	return err;
}

/* --- the way to the file ----------------------------------------------------------------- */

static int take_apart(struct replay *p, struct order *o, const char *line)
{
	static const char form[] =
		"expected PATH COMMAND, as in \"tcp/web announce 80\", got \"%.64s\"";
	size_t len = strcspn(line, " \t");
	char *at = o->path;

	o->command = line + len + strspn(line + len, " \t");
	o->words_n = 0;
	if (len == 0 || len >= sizeof(o->path) || *o->command == '\0')
		return refuse(p, -EINVAL, form, line);
	if (strpbrk(o->command, "\n\r") != NULL)
		return refuse(p, -EINVAL, "one command a line: make two of \"%.64s\"", line);
	memcpy(o->path, line, len);
	o->path[len] = '\0';
	do {
		if (o->words_n == PATH_WORDS_MAX)
			return refuse(p, -ENOENT, "%s: there is no file so deep", o->path);
		o->words[o->words_n++] = at;
		at = strchr(at, '/');
		if (at != NULL)
			*at++ = '\0';
	} while (at != NULL);
	if (*o->words[0] == '\0')
		return refuse(p, -EINVAL, form, line);
	return 0;
}

static int make(struct replay *p, const struct order *o, node_t dir, struct fs_attr *out)
{
	int err = fs_mkdir(p->config->fs, &p->config->who, dir, o->words[1], out);

	return err < 0 ? explain(p, NODE_ROOT, err) : 0;
}

/* One step; a conversation's name is made where it is missing. */
static int step(struct replay *p, const struct order *o, unsigned i, struct fs_attr *at)
{
	node_t dir = at->node;
	struct fs_attr next;
	int err = fs_lookup(p->config->fs, &p->config->who, dir, o->words[i], &next);

	if (err == -ENOENT && i == 1) {
		err = make(p, o, dir, at);
		/* Whoever meant an interface, or a file, learns that there is none. */
		if (err == 0)
			p->made_in = dir;
		if (err == 0 || err != -EPERM)
			return err;
	}
	if (err < 0)
		return refuse(p, -ENOENT, "there is no %s here", o->words[i]);
	*at = next;
	return 0;
}

/* A conversation that is made by clone would be over at once; a device that is bound so stays. */
static bool takes_commands(const struct order *o, const char *file)
{
	if (o->words_n == 2 && strcmp(o->words[0], "ipifc") == 0)
		return true;
	return o->words_n == 1 || strcmp(file, "ctl") == 0;
}

/* The file that is meant, and the directory whose err will tell of it. */
static int find(struct replay *p, const struct order *o, struct fs_attr *file, node_t *dir)
{
	const char *name = o->words[o->words_n - 1];
	int err = fs_getattr(p->config->fs, NODE_ROOT, file);

	*dir = NODE_ROOT;
	for (unsigned i = 0; err == 0 && i < o->words_n; i++) {
		*dir = file->node;
		err = step(p, o, i, file);
	}
	if (err == 0 && S_ISDIR(file->mode)) {
		*dir = file->node;
		name = "ctl";
		err = fs_lookup(p->config->fs, &p->config->who, *dir, name, file);
		if (err < 0)
			return refuse(p, err, "%s takes no commands: it has no ctl", o->words[0]);
	}
	if (err == 0 && !takes_commands(o, name))
		return refuse(p, -EINVAL,
			"%s takes no commands from here: name a conversation, as in %s/NAME", name,
			o->words[0]);
	return err;
}

/* --- the whole --------------------------------------------------------------------------- */

static int obey(struct replay *p, const struct order *o, const struct fs_attr *file, node_t dir)
{
	uint64_t handle;
	int err = open_node(p, file->node, FS_OPEN_WRITE, &handle);

	if (err < 0)
		return refuse(p, err, "%s", failure_words(err));
	err = write_words(p, handle, o->command);
	fs_close(p->config->fs, handle);
	return err < 0 ? explain(p, dir, err) : 0;
}

static struct replay replay_over(const struct replay_config *config, char *why, size_t why_len)
{
	return (struct replay){
		.config = config,
		.session = { .fs = config->fs, .notify = notify, .token_free = notify },
		.why = text_over(why, why_len),
	};
}

ssize_t replay_read(const struct replay_config *config, const char *file, char *at, size_t most)
{
	char why[1];
	struct replay p = replay_over(config, why, sizeof(why));

	return read_file(&p, NODE_ROOT, file, at, most);
}

int replay(const struct replay_config *config, const char *line, char *why, size_t why_len)
{
	struct replay p = replay_over(config, why, why_len);
	struct fs_attr file;
	struct order o;
	node_t dir;
	int err = take_apart(&p, &o, line);

	if (err == 0)
		err = find(&p, &o, &file, &dir);
	if (err == 0)
		err = obey(&p, &o, &file, dir);
	/* What was made for a command that failed would only be in the way of the next try. */
	if (err < 0 && p.made_in != 0)
		(void)fs_rmdir(config->fs, &config->who, p.made_in, o.words[1]);
	return err;
}
