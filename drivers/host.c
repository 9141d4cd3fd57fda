#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parts.h"

#define MAPPED_BITS 96 /* of an IPv4 address in the 128-bit form, RFC 4291 2.5.5.2 */

/* What asks for one address (rtnetlink(7)), and what answers: an error, or 0 for done. */
struct addr_request {
	struct nlmsghdr head;
	struct ifaddrmsg body;
	uint8_t attributes[128];
};

struct ack {
	struct nlmsghdr head;
	struct nlmsgerr body;
};

static const uint8_t mapped_prefix[MAPPED_BITS / 8] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static struct ifreq request_for(const char *name)
{
	struct ifreq req = { 0 };

	strncpy(req.ifr_name, name, sizeof(req.ifr_name) - 1);
	return req;
}

static int explain(const char *name, const char *what, int err, char *why, size_t why_len)
{
	if (err == -EPERM || err == -EACCES)
		return nic_fail(why, why_len, err,
			"no right to %s %s: run as root, or let root do it before (ip link, ip "
			"addr)",
			what, name);
	return nic_fail(why, why_len, err, "cannot %s %s: %s", what, name, strerror(-err));
}

static void put_attribute(struct addr_request *r, uint16_t type, const void *value, size_t len)
{
	struct rtattr a = { .rta_type = type, .rta_len = (uint16_t)RTA_LENGTH(len) };
	uint8_t *to = (uint8_t *)r + NLMSG_ALIGN(r->head.nlmsg_len);

	memcpy(to, &a, sizeof(a));
	memcpy(to + RTA_LENGTH(0), value, len);
	r->head.nlmsg_len = (uint32_t)(NLMSG_ALIGN(r->head.nlmsg_len) + RTA_ALIGN(a.rta_len));
}

static struct addr_request make_request(unsigned ifindex, const uint8_t addr[16], unsigned bits)
{
	bool is_v4 = memcmp(addr, mapped_prefix, sizeof(mapped_prefix)) == 0 && bits >= MAPPED_BITS;
	const uint8_t *bytes = is_v4 ? addr + sizeof(mapped_prefix) : addr;
	size_t len = is_v4 ? 4 : 16;
	struct addr_request r = {
		.head = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)),
			.nlmsg_type = RTM_NEWADDR,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE },
		.body = { .ifa_family = is_v4 ? AF_INET : AF_INET6,
			.ifa_prefixlen = (uint8_t)(is_v4 ? bits - MAPPED_BITS : bits),
			/* Nobody else is on this link but us: the address can be used at once. */
			.ifa_flags = is_v4 ? 0 : IFA_F_NODAD,
			.ifa_index = ifindex },
	};

	put_attribute(&r, IFA_LOCAL, bytes, len);
	put_attribute(&r, IFA_ADDRESS, bytes, len);
	return r;
}

static int ask(int sock, const struct addr_request *r)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct ack ack = { 0 };

	if (sendto(sock, r, r->head.nlmsg_len, 0, (const struct sockaddr *)&kernel,
		    sizeof(kernel)) < 0)
		return -errno;
	if (recv(sock, &ack, sizeof(ack), 0) < (ssize_t)sizeof(ack))
		return -EIO;
	return ack.head.nlmsg_type == NLMSG_ERROR ? ack.body.error : -EIO;
}

int host_addr_add(
	const char *name, const uint8_t addr[16], unsigned bits, char *why, size_t why_len)
{
	unsigned ifindex = if_nametoindex(name);
	struct addr_request r = make_request(ifindex, addr, bits);
	int sock, err;

	if (ifindex == 0)
		return explain(name, "set the address of", -errno, why, why_len);
	sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (sock < 0)
		return explain(name, "set the address of", -errno, why, why_len);
	err = ask(sock, &r);
	close(sock);
	return err < 0 ? explain(name, "set the address of", err, why, why_len) : 0;
}

int host_mtu_set(const char *name, unsigned mtu, char *why, size_t why_len)
{
	struct ifreq req = request_for(name);
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err;

	if (sock < 0)
		return explain(name, "set the MTU of", -errno, why, why_len);
	req.ifr_mtu = (int)mtu;
	err = ioctl(sock, SIOCSIFMTU, &req) < 0 ? -errno : 0;
	close(sock);
	return err < 0 ? explain(name, "set the MTU of", err, why, why_len) : 0;
}

static int up(int sock, const char *name)
{
	struct ifreq req = request_for(name);

	if (ioctl(sock, SIOCGIFFLAGS, &req) < 0)
		return -errno;
	if (req.ifr_flags & IFF_UP)
		return 0;
	req.ifr_flags |= IFF_UP;
	return ioctl(sock, SIOCSIFFLAGS, &req) < 0 ? -errno : 0;
}

int host_up(const char *name, char *why, size_t why_len)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err;

	if (sock < 0)
		return explain(name, "bring up", -errno, why, why_len);
	err = up(sock, name);
	close(sock);
	return err < 0 ? explain(name, "bring up", err, why, why_len) : 0;
}
