#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parts.h"

#define MAPPED_BITS 96 /* of an IPv4 address in the 128-bit form, RFC 4291 2.5.5.2 */

/* As in linux/ipv6.h, which cannot be included beside netinet/in.h. */
struct in6_request {
	struct in6_addr addr;
	uint32_t bits;
	int ifindex;
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
			"no right to %s of %s: run as root, or let root do it before", what, name);
	return nic_fail(why, why_len, err, "cannot %s of %s: %s", what, name, strerror(-err));
}

static int set_inet(int sock, unsigned long what, struct ifreq *req, uint32_t v4)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr = { .s_addr = htonl(v4) } };

	memcpy(&req->ifr_addr, &sin, sizeof(sin));
	return ioctl(sock, what, req) < 0 ? -errno : 0;
}

static int add_v4(int sock, const char *name, const uint8_t addr[16], unsigned bits)
{
	struct ifreq req = request_for(name);
	uint32_t mask = bits == 0 ? 0 : UINT32_MAX << (32 - bits);
	uint32_t v4;
	int err;

	memcpy(&v4, addr + MAPPED_BITS / 8, sizeof(v4));
	err = set_inet(sock, SIOCSIFADDR, &req, ntohl(v4));
	return err < 0 ? err : set_inet(sock, SIOCSIFNETMASK, &req, mask);
}

static int add_v6(int sock, const char *name, const uint8_t addr[16], unsigned bits)
{
	struct ifreq req = request_for(name);
	struct in6_request in6 = { .bits = bits };

	if (ioctl(sock, SIOCGIFINDEX, &req) < 0)
		return -errno;
	in6.ifindex = req.ifr_ifindex;
	memcpy(&in6.addr, addr, 16);
	/* There from an earlier start is as good. */
	return ioctl(sock, SIOCSIFADDR, &in6) < 0 && errno != EEXIST ? -errno : 0;
}

int host_addr_add(
	const char *name, const uint8_t addr[16], unsigned bits, char *why, size_t why_len)
{
	bool is_v4 = memcmp(addr, mapped_prefix, sizeof(mapped_prefix)) == 0 && bits >= MAPPED_BITS;
	int sock = socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err;

	if (sock < 0)
		return explain(name, "set the address", -errno, why, why_len);
	err = is_v4 ? add_v4(sock, name, addr, bits - MAPPED_BITS) : add_v6(sock, name, addr, bits);
	close(sock);
	return err < 0 ? explain(name, "set the address", err, why, why_len) : 0;
}

int host_mtu_set(const char *name, unsigned mtu, char *why, size_t why_len)
{
	struct ifreq req = request_for(name);
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err;

	if (sock < 0)
		return explain(name, "set the MTU", -errno, why, why_len);
	req.ifr_mtu = (int)mtu;
	err = ioctl(sock, SIOCSIFMTU, &req) < 0 ? -errno : 0;
	close(sock);
	return err < 0 ? explain(name, "set the MTU", err, why, why_len) : 0;
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
		return explain(name, "set the link up", -errno, why, why_len);
	err = up(sock, name);
	close(sock);
	return err < 0 ? explain(name, "set the link up", err, why, why_len) : 0;
}
