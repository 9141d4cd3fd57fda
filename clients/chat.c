/*
 * chat PORT - people talk, line by line; a browser on the same port sees who is there and what was
 * said last. One process, one poll loop, one listener.
 *
 * A caller's first line decides: a request of HTTP gets a page, anything else is his first words.
 * "/nick NAME" gives him a name, "/quit" lets him go. Who reads too slowly is left behind: what
 * he has not taken is bounded, and at the bound he is cut off. Try it: nc ADDRESS PORT.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listener.h"

#define CALLERS_MAX 256
#define LINE_LEN    512         /* longer ones are cut into several */
#define OUT_MAX     (64 * 1024) /* what one may leave unread */
#define SAID_MAX    20          /* lines on the page */
#define NAME_LEN    24

struct caller {
	char name[NAME_LEN + 1];
	char in[LINE_LEN + 1];
	size_t in_len;
	char *out; /* OUT_MAX bytes */
	size_t out_len;
	bool has_spoken; /* so he is no browser */
	bool is_browser;
	bool is_leaving; /* once all is sent */
};

/* The listener is the first of FDS and has no caller. */
struct chat {
	struct pollfd fds[CALLERS_MAX + 1];
	struct caller *callers[CALLERS_MAX + 1];
	nfds_t n;
	unsigned guests; /* ever */
	char said[SAID_MAX][LINE_LEN + NAME_LEN + 4];
	unsigned said_n; /* ever */
};

/* --- to those who are there ---------------------------------------------------------------- */

static void give(struct caller *c, const char *text, size_t len)
{
	if (c->is_leaving)
		return;
	if (c->out_len + len > OUT_MAX) {
		c->is_leaving = true;
		return;
	}
	memcpy(c->out + c->out_len, text, len);
	c->out_len += len;
}

/* To all who talk, and into what is remembered. */
__attribute__((format(printf, 2, 3))) static void tell_all(
	struct chat *chat, const char *format, ...)
{
	char *line = chat->said[chat->said_n++ % SAID_MAX];
	va_list args;

	va_start(args, format);
	int len = vsnprintf(line, sizeof(chat->said[0]) - 1, format, args);
	va_end(args);
	/* LINE_LEN and NAME_LEN leave room for the newline. */
	memcpy(line + len, "\n", 2);
	for (nfds_t i = 1; i < chat->n; i++)
		if (chat->callers[i]->has_spoken)
			give(chat->callers[i], line, strlen(line));
}

/* --- the page ------------------------------------------------------------------------------ */

struct page {
	char text[OUT_MAX - 1024];
	size_t len;
};

static void put(struct page *p, const char *text)
{
	p->len += (size_t)snprintf(p->text + p->len, sizeof(p->text) - p->len, "%s", text);
	if (p->len >= sizeof(p->text))
		p->len = sizeof(p->text) - 1;
}

/* What people have said is not ours, and no HTML. */
static void put_escaped(struct page *p, const char *text)
{
	for (; *text; text++) {
		char one[2] = { *text, '\0' };

		put(p,
			*text == '<'           ? "&lt;"
				: *text == '>' ? "&gt;"
				: *text == '&' ? "&amp;"
					       : one);
	}
}

static void show(const struct chat *chat, struct caller *c)
{
	unsigned from = chat->said_n > SAID_MAX ? chat->said_n - SAID_MAX : 0;
	static struct page p;
	char head[256];

	p.len = 0;
	put(&p,
		"<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
		"<meta http-equiv=\"refresh\" content=\"5\"><title>chat</title>\n<h1>Here "
		"now</h1>\n<p>");
	for (nfds_t i = 1; i < chat->n; i++) {
		if (!chat->callers[i]->has_spoken)
			continue;
		put_escaped(&p, chat->callers[i]->name);
		put(&p, " ");
	}
	put(&p, "\n<h1>Said last</h1>\n<pre>\n");
	for (unsigned i = from; i < chat->said_n; i++)
		put_escaped(&p, chat->said[i % SAID_MAX]);
	put(&p, "</pre>\n</html>\n");
	snprintf(head, sizeof(head),
		"HTTP/1.0 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
		"Content-Length: %zu\r\nConnection: close\r\n\r\n",
		p.len);
	give(c, head, strlen(head));
	give(c, p.text, p.len);
	c->is_leaving = true;
}

/* --- lines --------------------------------------------------------------------------------- */

static bool is_request(const char *line)
{
	size_t len = strlen(line);

	return len > 9 && strncmp(line, "GET ", 4) == 0 &&
		strncmp(line + len - 8, "HTTP/1.", 7) == 0;
}

static void rename_to(struct chat *chat, struct caller *c, const char *name)
{
	char before[NAME_LEN + 1];

	memcpy(before, c->name, sizeof(before));
	if (*name == '\0' || strlen(name) > NAME_LEN || strpbrk(name, " \t")) {
		give(c, "a name is 1 to 24 characters without a blank\n", 45);
		return;
	}
	snprintf(c->name, sizeof(c->name), "%s", name);
	tell_all(chat, "* %s is now %s", before, c->name);
}

/* What one says is shown on the terminals of others, which must not obey him: of the bytes that
 * are no text, those of UTF-8 aside, a mark is left. */
static void disarm(char *line, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)line[i];
		unsigned char next = i + 1 < len ? (unsigned char)line[i + 1] : 0;

		if ((byte < ' ' && byte != '\t') || byte == 0x7f)
			line[i] = '?';
		/* 0x80 to 0x9f are commands too (ECMA-48 8.3); in UTF-8 a 0xc2 stands before. */
		if (byte == 0xc2 && (next & 0xe0) == 0x80)
			line[i] = line[i + 1] = '?';
	}
}

static void hear_line(struct chat *chat, struct caller *c, char *line)
{
	if (!c->has_spoken && !c->is_browser && is_request(line)) {
		c->is_browser = true;
	} else if (c->is_browser) {
		if (*line == '\0') /* the end of his headers */
			show(chat, c);
	} else if (!c->has_spoken && (c->has_spoken = true)) {
		tell_all(chat, "* %s has come", c->name);
		hear_line(chat, c, line);
	} else if (strncmp(line, "/nick ", 6) == 0) {
		rename_to(chat, c, line + 6);
	} else if (strcmp(line, "/quit") == 0) {
		c->is_leaving = true;
	} else if (*line) {
		tell_all(chat, "%s: %s", c->name, line);
	}
}

static void hear(struct chat *chat, struct caller *c)
{
	char *end;

	c->in[c->in_len] = '\0';
	while (!c->is_leaving &&
		((end = memchr(c->in, '\n', c->in_len)) || c->in_len == LINE_LEN)) {
		size_t len = end ? (size_t)(end - c->in) : LINE_LEN;
		size_t used = end ? len + 1 : len;
		char line[LINE_LEN + 1];

		memcpy(line, c->in, len);
		len -= len > 0 && line[len - 1] == '\r';
		disarm(line, len);
		line[len] = '\0';
		c->in_len -= used;
		memmove(c->in, c->in + used, c->in_len);
		hear_line(chat, c, line);
	}
}

/* --- calls --------------------------------------------------------------------------------- */

static void take_call(struct chat *chat, int fd)
{
	struct caller *c = calloc(1, sizeof(*c));

	if (c)
		c->out = malloc(OUT_MAX);
	if (chat->n > CALLERS_MAX || !c || !c->out || fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		if (c)
			free(c->out);
		free(c);
		net_close(fd);
		return;
	}
	snprintf(c->name, sizeof(c->name), "guest%u", ++chat->guests);
	chat->fds[chat->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
	chat->callers[chat->n++] = c;
}

static void end(struct chat *chat, nfds_t i)
{
	struct caller *c = chat->callers[i];

	net_close(chat->fds[i].fd);
	chat->n--;
	chat->fds[i] = chat->fds[chat->n];
	chat->callers[i] = chat->callers[chat->n];
	if (c->has_spoken)
		tell_all(chat, "* %s has gone", c->name);
	free(c->out);
	free(c);
}

static bool failed(ssize_t n)
{
	return n < 0 && errno != EAGAIN && errno != EINTR;
}

/* False when he has gone. */
static bool serve(struct chat *chat, nfds_t i)
{
	struct caller *c = chat->callers[i];
	ssize_t n;

	if (chat->fds[i].revents & (POLLIN | POLLHUP | POLLERR)) {
		n = read(chat->fds[i].fd, c->in + c->in_len, LINE_LEN - c->in_len);
		if (n == 0 || failed(n))
			return false;
		c->in_len += n > 0 ? (size_t)n : 0;
		hear(chat, c);
	}
	return true;
}

static bool send_out(struct chat *chat, nfds_t i)
{
	struct caller *c = chat->callers[i];
	ssize_t n = c->out_len ? write(chat->fds[i].fd, c->out, c->out_len) : 0;

	if (failed(n))
		return false;
	if (n > 0) {
		c->out_len -= (size_t)n;
		memmove(c->out, c->out + n, c->out_len);
	}
	chat->fds[i].events = (short)((c->is_leaving ? 0 : POLLIN) | (c->out_len ? POLLOUT : 0));
	/* Who left behind a full queue does not read; there is no more to wait for. */
	return !c->is_leaving || (c->out_len > 0 && c->is_browser);
}

/* False when somebody has gone, of which the others, served already, are to be told. */
static bool send_all(struct chat *chat)
{
	nfds_t before = chat->n;

	for (nfds_t i = chat->n - 1; i > 0; i--)
		if (!send_out(chat, i))
			end(chat, i);
	return chat->n == before;
}

static int run(struct chat *chat)
{
	int fd;

	for (;;) {
		if (poll(chat->fds, chat->n, -1) < 0 && errno != EINTR)
			break;
		if (chat->fds[0].revents & (POLLERR | POLLNVAL))
			break;
		for (nfds_t i = chat->n - 1; i > 0; i--)
			if (chat->fds[i].revents && !serve(chat, i))
				end(chat, i);
		while (!send_all(chat))
			;
		while ((fd = net_accept(chat->fds[0].fd, NULL, NULL)) >= 0)
			take_call(chat, fd);
	}
	fprintf(stderr, "chat: the tree has gone\n");
	return 1;
}

int main(int argc, char **argv)
{
	static struct chat chat = { .n = 1 };
	int fd = listener_open(argc, argv, "chat", 64);

	if (fd < 0)
		return errno == EINVAL ? 2 : 1;
	chat.fds[0] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return run(&chat);
}
