/* walk.c - names to nodes, nodes to attributes, names made and ended, directories listed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "allow.h"
#include "ifc_walk.h"
#include "tree.h"

#define MODE_PERMISSIONS 07777u

#define PROTO_DIR_MODE 01777u
#define ROOT_MODE      0555u

/* More digits than the largest number has are no conversation. */
#define NUMBER_DIGITS_MAX 13

/* Cookies of a listing: the dots, the rows, the protocols and ipifc; conversations from here on,
 * two to each number, the second for its name; or interfaces. */
#define COOKIE_ROWS  3
#define COOKIE_IFCS  1000
#define COOKIE_CONVS 1024

_Static_assert(COOKIE_ROWS + ROWS_MAX + PROTOS_MAX < COOKIE_IFCS, "the cookies do not meet");

/* --- attributes -------------------------------------------------------------------------- */

struct life *node_life(struct fs *fs, const struct node *n)
{
	switch (n->dir) {
	case DIR_CONV:
	case DIR_NAMED:
	case DIR_CONV_DIR:
	case DIR_NAMED_DIR:
		return life_find(fs, NULL, n->number);
	default:
		return NULL;
	}
}

static void attr_common(struct fs *fs, node_t node, struct fs_attr *out)
{
	*out = (struct fs_attr){
		.node = node,
		.ino = node_ino(node),
		.nlink = 1,
		.uid = fs->config.keeper_uid,
		.gid = fs->config.keeper_gid,
		.born_us = fs->born_us + fs->config.wall_offset_us,
		.changed_us = fs->born_us + fs->config.wall_offset_us,
	};
}

static int attr_of_row(unsigned row, enum fs_dir dir, struct fs_attr *out)
{
	if (row_at(row) == NULL || row_at(row)->dir != dir)
		return -ENOENT;
	out->mode = S_IFREG | row_at(row)->mode;
	out->size = row_size(row_at(row));
	return 0;
}

static int attr_of_life(struct fs *fs, const struct node *n, struct fs_attr *out)
{
	struct life *l = node_life(fs, n);
	bool is_dir = n->dir == DIR_CONV_DIR || n->dir == DIR_NAMED_DIR;

	if (l == NULL || (n->dir == DIR_NAMED_DIR && l->name == NULL))
		return -ESTALE;
	if (!is_dir && attr_of_row(n->row, DIR_CONV, out) < 0)
		return -ENOENT;
	out->mode = is_dir ? S_IFDIR | l->dir_mode : S_IFREG | l->modes[row_in_conv(n->row)];
	out->uid = conv_owner(l->conv)->uid;
	out->gid = conv_owner(l->conv)->gid;
	out->born_us = conv_born_us(l->conv) + fs->config.wall_offset_us;
	out->changed_us = conv_changed_us(l->conv) + fs->config.wall_offset_us;
	return 0;
}

int node_attr(struct fs *fs, node_t node, struct fs_attr *out)
{
	struct node n = node_unpack(node);

	attr_common(fs, node, out);
	if (node == NODE_ROOT) {
		out->mode = S_IFDIR | ROOT_MODE;
		return 0;
	}
	switch (n.dir) {
	case DIR_ROOT:
		return attr_of_row(n.row, DIR_ROOT, out);
	case DIR_PROTO:
		if (n.row / ROWS_MAX >= fs->protos_n)
			return -ENOENT;
		return attr_of_row(n.row % ROWS_MAX, DIR_PROTO, out);
	case DIR_PROTO_DIR:
		out->mode = S_IFDIR | PROTO_DIR_MODE;
		out->is_lasting = true;
		return n.row < fs->protos_n ? 0 : -ENOENT;
	case DIR_CONV:
	case DIR_NAMED:
	case DIR_CONV_DIR:
	case DIR_NAMED_DIR:
		return attr_of_life(fs, &n, out);
	case DIR_IFCS:
	case DIR_IFC:
	case DIR_IFCS_DIR:
	case DIR_IFC_DIR:
		return ifc_attr(fs, &n, out);
	default:
		return -ENOENT;
	}
}

int fs_getattr(struct fs *fs, node_t node, struct fs_attr *out)
{
	return node_attr(fs, node, out);
}

static bool is_in_group(struct fs *fs, const struct cred *who, uint32_t gid)
{
	if (who->gid == gid)
		return true;
	return fs->config.in_group != NULL &&
		fs->config.in_group(fs->config.in_group_arg, who, gid);
}

int may_open(struct fs *fs, const struct fs_attr *a, const struct cred *who, unsigned want)
{
	unsigned bits = 0;
	unsigned shift = 0;

	if (is_keeper(fs, who))
		return 0;
	if (want & FS_OPEN_READ)
		bits |= S_IROTH;
	if (want & FS_OPEN_WRITE)
		bits |= S_IWOTH;
	/* The first class that fits decides. Groups cost a look elsewhere, so only when it
	 * matters whether others and group differ. */
	if (who->uid == a->uid)
		shift = 6;
	else if ((a->mode >> 3 & bits) != (a->mode & bits) && is_in_group(fs, who, a->gid))
		shift = 3;
	return (a->mode >> shift & bits) == bits ? 0 : -EACCES;
}

static int may_set(struct fs *fs, const struct cred *who, unsigned fields, const struct fs_attr *is,
	const struct fs_attr *to)
{
	if ((fields & FS_SET_UID) && to->uid != is->uid)
		return -EPERM;
	if (is_keeper(fs, who))
		return 0;
	if (who->uid != is->uid)
		return -EPERM;
	if ((fields & FS_SET_GID) && to->gid != is->gid && !is_in_group(fs, who, to->gid))
		return -EPERM;
	return 0;
}

int fs_setattr(struct fs *fs, const struct cred *who, node_t node, unsigned fields,
	const struct fs_attr *to, struct fs_attr *out)
{
	struct node n = node_unpack(node);
	struct life *l = node_life(fs, &n);
	int err = node_attr(fs, node, out);

	if (err < 0 || fields == 0)
		return err;
	if (l == NULL)
		return -EPERM; /* the tree's own files are as they are */
	err = may_set(fs, who, fields, out, to);
	if (err < 0)
		return err;
	if (fields & FS_SET_MODE) {
		bool is_dir = n.dir == DIR_CONV_DIR || n.dir == DIR_NAMED_DIR;
		uint16_t *mode = is_dir ? &l->dir_mode : &l->modes[row_in_conv(n.row)];

		*mode = (uint16_t)(to->mode & MODE_PERMISSIONS);
	}
	if (fields & FS_SET_GID) {
		struct cred owner = *conv_owner(l->conv);

		owner.gid = to->gid;
		conv_set_owner(l->conv, &owner);
	}
	return node_attr(fs, node, out);
}

/* --- names to nodes ---------------------------------------------------------------------- */

/* A node of N's file that nobody has. */
static void own_node(struct fs *fs, uint32_t uid, struct node *n)
{
	if (idle_take(fs, uid, n))
		return;
	if (n->dir == DIR_PROTO) {
		struct fs_proto *proto = &fs->protos[n->row / ROWS_MAX];

		proto->lookups++;
		n->lookup = (uint16_t)(proto->lookups % LOOKUPS);
		n->number = proto->lookups / LOOKUPS;
		return;
	}
	n->lookup = life_fresh_lookup(node_life(fs, n));
	idle_forget(fs, n);
}

/* The node of a row's file; a stream gets one of its own each time WHO (NULL: nobody, it is only
 * listed) looks it up. */
static node_t row_node(
	struct fs *fs, const struct node *dir, const struct file_row *row, const struct cred *who)
{
	struct node n = { .row = (uint8_t)row_number(row) };

	if (dir->dir == DIR_NONE) {
		n.dir = DIR_ROOT;
	} else if (dir->dir == DIR_PROTO_DIR) {
		n.dir = DIR_PROTO;
		n.row = (uint8_t)(dir->row * ROWS_MAX + n.row);
	} else if (dir->dir == DIR_IFCS_DIR || dir->dir == DIR_IFC_DIR) {
		n.dir = dir->dir == DIR_IFC_DIR ? DIR_IFC : DIR_IFCS;
		n.number = dir->number;
		return node_pack(&n); /* no WRITE waits there, so one node serves all */
	} else {
		n.dir = dir->dir == DIR_NAMED_DIR ? DIR_NAMED : DIR_CONV;
		n.number = dir->number;
	}
	if (who != NULL && row->kind == STREAM && n.dir != DIR_ROOT)
		own_node(fs, who->uid, &n);
	return node_pack(&n);
}

static node_t proto_node(unsigned index)
{
	struct node n = { .dir = DIR_PROTO_DIR, .row = (uint8_t)index };

	return node_pack(&n);
}

static node_t life_node(const struct life *l, bool by_name)
{
	struct node n = { .dir = by_name ? DIR_NAMED_DIR : DIR_CONV_DIR, .number = l->number };

	return node_pack(&n);
}

static bool is_all_digits(const char *name)
{
	return name[strspn(name, "0123456789")] == '\0';
}

/* A conversation's number as it is listed: no leading zeros, or one file had many names. */
static struct life *find_number(struct fs *fs, const struct fs_proto *proto, const char *name)
{
	uint64_t number;

	if (name[0] == '0' || strlen(name) > NUMBER_DIGITS_MAX ||
		number_parse(&number, name, UINT64_MAX) < 0)
		return NULL;
	return life_find(fs, proto, number);
}

static int lookup_in_root(struct fs *fs, const char *name, node_t *out)
{
	for (unsigned i = 0; i < fs->protos_n; i++) {
		if (strcmp(proto_name(fs->protos[i].proto), name) == 0) {
			*out = proto_node(i);
			return 0;
		}
	}
	return ifc_lookup_dir(name, out);
}

static int lookup_in_proto(struct fs *fs, const struct node *dir, const char *name, node_t *out)
{
	const struct fs_proto *proto = &fs->protos[dir->row];
	bool by_name = !is_all_digits(name);
	const struct life *l =
		by_name ? life_find_name(fs, proto, name) : find_number(fs, proto, name);

	if (l == NULL)
		return -ENOENT;
	*out = life_node(l, by_name);
	return 0;
}

/* Which rows a directory lists; DIR_NONE: it is no directory. */
static enum fs_dir rows_of(node_t packed, const struct node *dir)
{
	if (packed == NODE_ROOT)
		return DIR_ROOT;
	switch (dir->dir) {
	case DIR_PROTO_DIR:
		return DIR_PROTO;
	case DIR_CONV_DIR:
	case DIR_NAMED_DIR:
		return DIR_CONV;
	case DIR_IFCS_DIR:
		return DIR_IFCS;
	case DIR_IFC_DIR:
		return DIR_IFC;
	default:
		return DIR_NONE;
	}
}

int fs_opendir(struct fs *fs, node_t node)
{
	struct node n = node_unpack(node);
	struct fs_attr attr;
	int err = node_attr(fs, node, &attr);

	if (err < 0)
		return err;
	return rows_of(node, &n) == DIR_NONE ? -ENOTDIR : 0;
}

int fs_lookup(
	struct fs *fs, const struct cred *who, node_t dir, const char *name, struct fs_attr *out)
{
	struct node n = node_unpack(dir);
	const struct file_row *row;
	node_t found = 0;
	int err = fs_opendir(fs, dir);

	if (err < 0)
		return err;
	if (dir == NODE_ROOT)
		n.dir = DIR_NONE;
	row = row_find(rows_of(dir, &n), name);
	if (row != NULL)
		found = row_node(fs, &n, row, who);
	else if (dir == NODE_ROOT)
		err = lookup_in_root(fs, name, &found);
	else if (n.dir == DIR_PROTO_DIR)
		err = lookup_in_proto(fs, &n, name, &found);
	else if (n.dir == DIR_IFCS_DIR)
		err = ifc_lookup(fs, name, &found);
	else
		err = -ENOENT;
	return err < 0 ? err : node_attr(fs, found, out);
}

/* --- names made and ended ---------------------------------------------------------------- */

static bool is_name_byte(char byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
		(byte >= '0' && byte <= '9') || byte == '.' || byte == '_' || byte == '-';
}

static int check_name(const char *name)
{
	size_t len = strlen(name);

	if (len > NAME_LEN_MAX)
		return -ENAMETOOLONG;
	if (len == 0 || is_all_digits(name) || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (!is_name_byte(name[i]))
			return -EINVAL;
	}
	return name_is_reserved(name) ? -EEXIST : 0;
}

static int make_named(struct fs *fs, struct fs_proto *proto, const struct cred *who,
	const char *name, struct life **out)
{
	int err = check_name(name);

	if (err == -EINVAL && find_number(fs, proto, name) != NULL)
		err = -EEXIST;
	if (err < 0)
		return err;
	if (life_find_name(fs, proto, name) != NULL)
		return -EEXIST;
	err = life_new_idle(fs, proto, who, out);
	if (err < 0)
		return err;
	err = life_set_name(*out, name);
	if (err < 0)
		life_settle(*out);
	return err;
}

static int refused(struct fs *fs, const struct cred *who, const char *act,
	const struct fs_proto *proto, const char *name, int err)
{
	char at[256];
	struct text words = text_over(at, sizeof(at));

	text_printf(&words, "%s %s/%s: ", act, proto_name(proto->proto), name);
	if (err == -EINVAL)
		text_put(&words, "a name is 1 to 64 of A-Z a-z 0-9 . _ -, and not all digits");
	else if (err == -EPERM && is_all_digits(name))
		text_put(&words,
			"a number ends with what holds it: close its files; \"keep 0\" "
			"ends a reservation, rmdir of its name a name");
	else if (err == -EPERM)
		text_put(&words, "another user's; only its owner or root may end a name");
	else
		text_put(&words, failure_words(err));
	user_failed(fs, who, words.at);
	return err;
}

int fs_mkdir(
	struct fs *fs, const struct cred *who, node_t dir, const char *name, struct fs_attr *out)
{
	struct node n = node_unpack(dir);
	struct life *l;
	int err = fs_opendir(fs, dir);

	if (err < 0)
		return err;
	if (dir == NODE_ROOT || n.dir != DIR_PROTO_DIR)
		return -EPERM;
	err = make_named(fs, &fs->protos[n.row], who, name, &l);
	if (err < 0)
		return refused(fs, who, "mkdir", &fs->protos[n.row], name, err);
	return node_attr(fs, life_node(l, true), out);
}

/* Only a name is ended so; a number goes when nobody holds it any more. */
static int end_named(
	struct fs *fs, struct fs_proto *proto, const struct cred *who, const char *name)
{
	struct life *l;

	if (row_find(DIR_PROTO, name) != NULL)
		return -ENOTDIR;
	if (is_all_digits(name))
		return find_number(fs, proto, name) == NULL ? -ENOENT : -EPERM;
	l = life_find_name(fs, proto, name);
	if (l == NULL)
		return -ENOENT;
	/* The directory is sticky: only who owns a name may end it. */
	if (!is_keeper(fs, who) && who->uid != conv_owner(l->conv)->uid)
		return -EPERM;
	life_unname(l);
	life_settle(l);
	return 0;
}

int fs_rmdir(struct fs *fs, const struct cred *who, node_t dir, const char *name)
{
	struct node n = node_unpack(dir);
	int err = fs_opendir(fs, dir);

	if (err < 0)
		return err;
	if (dir == NODE_ROOT || n.dir != DIR_PROTO_DIR)
		return -EPERM;
	err = end_named(fs, &fs->protos[n.row], who, name);
	return err < 0 ? refused(fs, who, "rmdir", &fs->protos[n.row], name, err) : 0;
}

/* --- listing ----------------------------------------------------------------------------- */

struct listing {
	struct fs *fs;
	node_t dir;
	struct node n;
	uint64_t cookie; /* of the entry before the next */
	fs_emit *emit;
	void *arg;
};

/* Give NODE's entry, which NEXT goes on after; true: stop. */
static bool list_one(struct listing *l, const char *name, node_t node, uint64_t next)
{
	struct fs_attr attr;

	if (node_attr(l->fs, node, &attr) < 0)
		return false;
	return l->emit(l->arg, name, &attr, next);
}

static node_t parent_of(const struct listing *l)
{
	const struct life *life = node_life(l->fs, &l->n);

	if (l->n.dir == DIR_IFC_DIR)
		return ifc_dir_node();
	return life == NULL ? NODE_ROOT : proto_node(life->proto->index);
}

static bool list_dots(struct listing *l)
{
	if (l->cookie < 1 && list_one(l, ".", l->dir, 1))
		return true;
	return l->cookie < 2 && list_one(l, "..", parent_of(l), 2);
}

static bool list_rows(struct listing *l)
{
	enum fs_dir dir = rows_of(l->dir, &l->n);

	for (unsigned i = 0; i < rows_n(); i++) {
		const struct file_row *row = row_at(i);

		if (row->dir != dir || l->cookie >= COOKIE_ROWS + i)
			continue;
		if (list_one(l, row->name, row_node(l->fs, &l->n, row, NULL), COOKIE_ROWS + i))
			return true;
	}
	return false;
}

static bool list_protos(struct listing *l)
{
	for (unsigned i = 0; i < l->fs->protos_n; i++) {
		uint64_t next = COOKIE_ROWS + ROWS_MAX + i;

		if (l->cookie < next &&
			list_one(l, proto_name(l->fs->protos[i].proto), proto_node(i), next))
			return true;
	}
	return l->cookie < COOKIE_IFCS && list_one(l, "ipifc", ifc_dir_node(), COOKIE_IFCS);
}

static void list_ifcs(struct listing *l)
{
	unsigned from = l->cookie < COOKIE_CONVS ? 0 : (unsigned)(l->cookie - COOKIE_CONVS) + 1;
	char number[NUMBER_DIGITS_MAX];
	node_t node;

	for (; ifc_from(l->fs, &from, &node); from++) {
		snprintf(number, sizeof(number), "%u", from);
		if (list_one(l, number, node, COOKIE_CONVS + from))
			return;
	}
}

static bool list_life(struct listing *l, const struct life *life)
{
	uint64_t next = COOKIE_CONVS + life->number * 2;
	char number[NUMBER_DIGITS_MAX + 8];

	if (l->cookie < next) {
		snprintf(number, sizeof(number), "%" PRIu64, life->number);
		if (list_one(l, number, life_node(life, false), next))
			return true;
	}
	return life->name != NULL && l->cookie < next + 1 &&
		list_one(l, life->name->text, life_node(life, true), next + 1);
}

static void list_lives(struct listing *l, const struct fs_proto *proto)
{
	uint64_t from = l->cookie < COOKIE_CONVS ? 0 : (l->cookie - COOKIE_CONVS) / 2;
	const struct life *life = numbers_from(&proto->numbers, from);

	while (life != NULL && !list_life(l, life))
		life = numbers_from(&proto->numbers, life->number + 1);
}

int fs_readdir(struct fs *fs, node_t dir, uint64_t cookie, fs_emit *emit, void *arg)
{
	struct listing l = { .fs = fs,
		.dir = dir,
		.n = node_unpack(dir),
		.cookie = cookie,
		.emit = emit,
		.arg = arg };
	int err = fs_opendir(fs, dir);

	if (err < 0)
		return err;
	if (dir == NODE_ROOT)
		l.n.dir = DIR_NONE;
	if (list_dots(&l) || list_rows(&l))
		return 0;
	if (dir == NODE_ROOT)
		list_protos(&l);
	else if (l.n.dir == DIR_PROTO_DIR)
		list_lives(&l, &fs->protos[l.n.row]);
	else if (l.n.dir == DIR_IFCS_DIR)
		list_ifcs(&l);
	return 0;
}
