#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parts.h"
#include "vnet.h"

/* Newer than the headers we build with. */
#define TAP_F_USO4 0x20
#define TAP_F_USO6 0x40

#define TAP_PATH "/dev/net/tun"

struct tap {
	struct nic nic;
	int fd;
	bool has_vnet; /* each frame comes behind a virtio header */
	bool wants_out;
	char name[IFNAMSIZ];
};

/* What to ask of the kernel, the most first, and what it means to the stack. A kernel takes all
 * of a set or nothing: before 6.2 it knows no USO, and it never takes USO4 without USO6. */
struct offload_set {
	unsigned flags;
	uint8_t offers;
};

static const struct offload_set offload_sets[] = {
	{ TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN | TAP_F_USO4 | TAP_F_USO6,
		LINK_CSUM | LINK_TSO4 | LINK_TSO6 | LINK_USO },
	{ TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN, LINK_CSUM | LINK_TSO4 | LINK_TSO6 },
	{ TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6, LINK_CSUM | LINK_TSO4 | LINK_TSO6 },
	{ TUN_F_CSUM, LINK_CSUM },
	{ 0, 0 },
};

static struct tap *tap_of(struct nic *n)
{
	return CONTAINER_OF(n, struct tap, nic);
}

/* Take the most of what both we and the kernel can. */
static void agree_on_offloads(struct tap *t, uint8_t wanted)
{
	t->nic.link.offers = 0;
	if (!t->has_vnet)
		return;
	for (size_t i = 0; i < ARRAY_LEN(offload_sets); i++) {
		const struct offload_set *set = &offload_sets[i];

		if ((set->offers & ~wanted) != 0)
			continue;
		if (ioctl(t->fd, TUNSETOFFLOAD, (unsigned long)set->flags) == 0) {
			t->nic.link.offers = set->offers;
			return;
		}
	}
}

static int tap_fd(struct nic *n)
{
	return tap_of(n)->fd;
}

static bool tap_wants_out(struct nic *n)
{
	return tap_of(n)->wants_out;
}

static void tap_limit(struct nic *n, uint8_t offers)
{
	agree_on_offloads(tap_of(n), n->link.offers & offers);
}

static void tap_close(struct nic *n)
{
	struct tap *t = tap_of(n);

	close(t->fd);
	free(t);
}

/* GOT bytes have arrived in the room of INTO and REST: what part went where? */
static int take_up(struct pkt *into, struct buf *rest, size_t got)
{
	uint32_t head_room = pkt_tailroom(into);
	uint32_t rest_room = rest ? rest->cap : 0;

	if (got > (size_t)head_room + rest_room)
		return rest ? NIC_TOO_LONG : NIC_TRUNCATED;
	into->len = min_u32((uint32_t)got, head_room);
	if (got > head_room)
		(void)pkt_add_slice(into, rest, 0, (uint32_t)got - head_room);
	return 1;
}

static int tap_recv(struct nic *n, struct pkt *into, struct buf *rest)
{
	struct tap *t = tap_of(n);
	struct virtio_net_hdr_v1 hdr;
	uint8_t over; /* one byte more than there is room for shows that a frame was cut */
	struct iovec iov[4];
	int pieces = 0;
	ssize_t got;
	int err;

	if (t->has_vnet)
		iov[pieces++] = (struct iovec){ .iov_base = &hdr, .iov_len = VNET_HDR_LEN };
	iov[pieces++] = (struct iovec){ .iov_base = pkt_data(into), .iov_len = pkt_tailroom(into) };
	if (rest)
		iov[pieces++] = (struct iovec){ .iov_base = rest->data, .iov_len = rest->cap };
	iov[pieces++] = (struct iovec){ .iov_base = &over, .iov_len = 1 };
	got = readv(t->fd, iov, pieces);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (t->has_vnet)
		got -= VNET_HDR_LEN;
	if (got < 0)
		return NIC_TRUNCATED;
	err = take_up(into, rest, (size_t)got);
	if (err == 1 && t->has_vnet && vnet_take(&hdr, into) < 0)
		return NIC_BAD_OFFLOAD;
	if (!t->has_vnet)
		into->segs = 1;
	return err;
}

static int tap_send(struct link *link, struct pkt *p)
{
	struct tap *t = CONTAINER_OF(link, struct tap, nic.link);
	struct virtio_net_hdr_v1 hdr;
	struct iovec iov[1 + PARTS_IOV_MAX];
	int pieces = 0;
	int err;

	if (t->has_vnet) {
		vnet_put(&hdr, p);
		iov[pieces++] = (struct iovec){ .iov_base = &hdr, .iov_len = VNET_HDR_LEN };
	}
	pieces += nic_pkt_iov(p, iov + pieces);
	err = writev(t->fd, iov, pieces) < 0 ? -errno : 0;
	t->wants_out = err == -EAGAIN;
	if (err == -EAGAIN)
		return err;
	pkt_free(t->nic.pkts, p);
	return err;
}

/* The kernel's own address on this device makes ours: different from it and from those of
 * others, and the same as long as the device lasts, so that its neighbours stay right. */
static void make_mac(struct tap *t, const struct ifreq *hw)
{
	uint64_t seed = 0;

	memcpy(&seed, hw->ifr_hwaddr.sa_data, 6);
	nic_mac_from(t->nic.link.mac, seed + 1);
}

static int read_facts(struct tap *t, char *why, size_t why_len)
{
	struct ifreq req = { 0 };
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = sock < 0 ? -errno : 0;

	memcpy(req.ifr_name, t->name, sizeof(t->name));
	if (err == 0 && ioctl(sock, SIOCGIFMTU, &req) < 0)
		err = -errno;
	t->nic.link.mtu = (uint16_t)min_u32((uint32_t)req.ifr_mtu, UINT16_MAX);
	if (err == 0 && ioctl(t->fd, SIOCGIFHWADDR, &req) < 0)
		err = -errno;
	make_mac(t, &req);
	if (sock >= 0)
		close(sock);
	return err == 0 ? 0 : nic_fail(why, why_len, err, "%s: %s", t->name, strerror(-err));
}

static int tap_start(struct nic **out, int fd, const struct ifreq *req, char *why, size_t why_len)
{
	struct tap *t = calloc(1, sizeof(*t));
	int hdr_len = VNET_HDR_LEN;
	int err;

	if (!t)
		return nic_fail(why, why_len, -ENOMEM, "out of memory");
	t->fd = fd;
	memcpy(t->name, req->ifr_name, sizeof(t->name));
	t->nic.driver = &tap_driver;
	t->nic.link.name = t->name;
	t->nic.link.send = tap_send;
	t->has_vnet = (req->ifr_flags & IFF_VNET_HDR) != 0;
	if (t->has_vnet && ioctl(fd, TUNSETVNETHDRSZ, &hdr_len) < 0) {
		err = nic_fail(why, why_len, -errno, "%s: no virtio header of 12 bytes: %s",
			t->name, strerror(errno));
		free(t);
		return err;
	}
	err = read_facts(t, why, why_len);
	if (err < 0) {
		free(t);
		return err;
	}
	agree_on_offloads(t, UINT8_MAX);
	*out = &t->nic;
	return 0;
}

bool tap_is(int fd)
{
	struct ifreq req;

	return ioctl(fd, TUNGETIFF, &req) == 0;
}

int tap_adopt(struct nic **out, int fd, char *why, size_t why_len)
{
	struct ifreq req = { 0 };

	if (ioctl(fd, TUNGETIFF, &req) < 0)
		return nic_fail(why, why_len, -errno, "descriptor %d is no TAP", fd);
	if ((req.ifr_flags & IFF_TUN) || !(req.ifr_flags & IFF_NO_PI))
		return nic_fail(why, why_len, -EINVAL,
			"%s: must be made with IFF_TAP and IFF_NO_PI", req.ifr_name);
	return tap_start(out, fd, &req, why, why_len);
}

static int explain_open(const char *name, int err, char *why, size_t why_len)
{
	switch (err) {
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
		return nic_fail(why, why_len, -ENODEV,
			TAP_PATH
			" is missing: load the module (modprobe tun), or make it (mkdir -p "
			"/dev/net; mknod " TAP_PATH " c 10 200)");
	case -EACCES:
		return nic_fail(why, why_len, err,
			"no right to open " TAP_PATH
			": run as root, or let root allow it (chmod 666 " TAP_PATH ")");
	case -EPERM:
		return nic_fail(why, why_len, err,
			"no right to open TAP %s: run as root, or let root make it for you (ip "
			"tuntap "
			"add %s mode tap vnet_hdr user YOU)",
			name, name);
	case -EBUSY:
		return nic_fail(why, why_len, err,
			"TAP %s is in use by another program: end it, or choose another with --tap",
			name);
	case -EINVAL:
		return nic_fail(why, why_len, -ENODEV,
			"%s exists and is no TAP, or one of several queues: choose another with "
			"--tap",
			name);
	default:
		return nic_fail(why, why_len, err, "TAP %s: %s", name, strerror(-err));
	}
}

int tap_check_name(const char *name, char *why, size_t why_len)
{
	size_t len = strlen(name);

	/* As the kernel has it; of "tap%d" it makes the next that is free. */
	if (len > 0 && len < IFNAMSIZ && strcspn(name, "/: \t\n") == len &&
		strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		return 0;
	return nic_fail(why, why_len, -EINVAL,
		"\"%s\" cannot name a TAP: 1 to 15 characters, none of them / or :", name);
}

static int tap_open(struct nic **out, const char *name, char *why, size_t why_len)
{
	struct ifreq req = { 0 };
	int fd;
	int err = tap_check_name(name, why, why_len);

	if (err < 0)
		return err;
	memcpy(req.ifr_name, name, strlen(name) + 1);
	req.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	fd = open(TAP_PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return explain_open(name, -errno, why, why_len);
	if (ioctl(fd, TUNSETIFF, &req) < 0) {
		err = explain_open(name, -errno, why, why_len);
		close(fd);
		return err;
	}
	err = tap_start(out, fd, &req, why, why_len);
	if (err < 0)
		close(fd);
	return err;
}

const struct driver tap_driver = {
	.name = "tap",
	.open = tap_open,
	.fd = tap_fd,
	.recv = tap_recv,
	.wants_out = tap_wants_out,
	.limit = tap_limit,
	.close = tap_close,
};
