/*
 * fake_tree.h - a tree of plain files for tests of the clients, which need no server for it.
 *
 * tcp and udp are one directory. Conversation 7 is idle, 8 is a call from 10.0.0.9!4321. clone,
 * listen and the addresses are texts; ctl is a FIFO in which every command stays to be read,
 * data one that gives back what was written.
 */
#ifndef CATNET_TESTS_FAKE_TREE_H
#define CATNET_TESTS_FAKE_TREE_H

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct fake {
	char root[64];
	int ctl;  /* the reading end of tcp/7/ctl and udp/7/ctl */
	int data; /* keeps the data FIFO open */
};

/* Set-up and tear-down: the tree stands, and CATNET names it. */
int fake_up(void **state);
int fake_down(void **state);

#define FAKE_CASE(name) cmocka_unit_test_setup_teardown(name, fake_up, fake_down)

/* The whole path of FILE, good until the next call. */
const char *fake_path(const struct fake *f, const char *file);

/* Replace what FILE says, or what it is. */
void fake_text(const struct fake *f, const char *file, const char *text);
void fake_link(const struct fake *f, const char *to, const char *file);

/* All that was commanded since the last look. */
void assert_commands(const struct fake *f, const char *expected);

struct sockaddr_in in_of(const char *address, uint16_t port);
int connect4(int fd, const char *address, uint16_t port);
int bind4(int fd, const char *address, uint16_t port);

/* A socket of each kind, which must come about. */
int fake_stream(void);
int fake_datagrams(void);

#endif
