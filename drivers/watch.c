/* watch.c - the kernel's news of an interface (rtnetlink(7)): its MTU, and whether it is up. */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parts.h"

/* More than the kernel puts into one message about links. */
#define MESSAGE_MAX 32768

/* Read in one go: of more the last is what counts, and that comes again when asked for. */
#define MESSAGES_MAX 64

struct host_watch {
	int fd;
	unsigned ifindex;
	struct host_news news;
	uint8_t bytes[MESSAGE_MAX];
};

struct link_request {
	struct nlmsghdr head;
	struct ifinfomsg body;
};

/* --- what is said --------------------------------------------------------------------------- */

/* The attributes of one message, LEN bytes at AT. */
static void take_attributes(const uint8_t *at, size_t len, struct host_news *out)
{
	struct rtattr a;
	uint32_t mtu;

	while (len >= sizeof(a)) {
		memcpy(&a, at, sizeof(a));
		if (a.rta_len < sizeof(a) || a.rta_len > len)
			return;
		if (a.rta_type == IFLA_MTU && a.rta_len >= RTA_LENGTH(sizeof(mtu))) {
			memcpy(&mtu, at + RTA_LENGTH(0), sizeof(mtu));
			out->mtu = mtu;
		}
		at += min_size(RTA_ALIGN(a.rta_len), len);
		len -= min_size(RTA_ALIGN(a.rta_len), len);
	}
}

static void take_link(const uint8_t *at, size_t len, unsigned ifindex, struct host_news *out)
{
	struct ifinfomsg link;

	if (len < sizeof(link))
		return;
	memcpy(&link, at, sizeof(link));
	if (link.ifi_index != (int)ifindex)
		return;
	out->is_up = (link.ifi_flags & IFF_UP) != 0;
	take_attributes(at + NLMSG_ALIGN(sizeof(link)), len - NLMSG_ALIGN(sizeof(link)), out);
}

void host_news_take(const uint8_t *at, size_t len, unsigned ifindex, struct host_news *out)
{
	struct nlmsghdr head;

	while (len >= sizeof(head)) {
		memcpy(&head, at, sizeof(head));
		if (head.nlmsg_len < NLMSG_HDRLEN || head.nlmsg_len > len)
			return;
		if (head.nlmsg_type == RTM_NEWLINK)
			take_link(at + NLMSG_HDRLEN, head.nlmsg_len - NLMSG_HDRLEN, ifindex, out);
		at += min_size(NLMSG_ALIGN(head.nlmsg_len), len);
		len -= min_size(NLMSG_ALIGN(head.nlmsg_len), len);
	}
}

/* --- the socket ----------------------------------------------------------------------------- */

/* How is it now? The answer comes as news do. */
static int ask(const struct host_watch *w)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	const struct link_request r = {
		.head = { .nlmsg_len = sizeof(r),
			.nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST },
		.body = { .ifi_family = AF_UNSPEC, .ifi_index = (int)w->ifindex },
	};

	return sendto(w->fd, &r, sizeof(r), 0, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0
		? -errno
		: 0;
}

static int listen_to_links(struct host_watch *w)
{
	const struct sockaddr_nl us = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };

	w->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (w->fd < 0)
		return -errno;
	return bind(w->fd, (const struct sockaddr *)&us, sizeof(us)) < 0 ? -errno : ask(w);
}

int host_watch_open(struct host_watch **out, const struct nic *n)
{
	struct host_watch *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	w->fd = -1;
	w->ifindex = if_nametoindex(n->link.name);
	w->news = (struct host_news){ .mtu = n->link.mtu, .is_up = true };
	err = w->ifindex == 0 ? -errno : listen_to_links(w);
	if (err < 0) {
		host_watch_close(w);
		return err;
	}
	*out = w;
	return 0;
}

int host_watch_fd(const struct host_watch *w)
{
	return w->fd;
}

/* Only the kernel is believed: anybody may send to a socket whose number he guesses. */
static ssize_t next_message(struct host_watch *w)
{
	struct sockaddr_nl from = { .nl_pid = 0 };
	socklen_t from_len = sizeof(from);
	ssize_t n =
		recvfrom(w->fd, w->bytes, sizeof(w->bytes), 0, (struct sockaddr *)&from, &from_len);

	if (n < 0)
		return -errno;
	return from.nl_pid == 0 ? n : 0;
}

bool host_watch_read(struct host_watch *w, struct host_news *out)
{
	struct host_news news = w->news;
	bool is_news;

	for (int i = 0; i < MESSAGES_MAX; i++) {
		ssize_t n = next_message(w);

		if (n == -ENOBUFS)
			(void)ask(w); /* some were lost */
		else if (n < 0)
			break;
		else
			host_news_take(w->bytes, (size_t)n, w->ifindex, &news);
	}
	is_news = news.mtu != w->news.mtu || news.is_up != w->news.is_up;
	w->news = *out = news;
	return is_news;
}

void host_watch_close(struct host_watch *w)
{
	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	free(w);
}
