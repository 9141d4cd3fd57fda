/* What the kernel says of an interface (rtnetlink(7)), read from made-up messages. */
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../drivers/parts.h"

#define OURS 7

static uint8_t bytes[1024];
static size_t len;

static void put(const void *at, size_t n)
{
	memcpy(bytes + len, at, n);
	len += n;
	while (len % NLMSG_ALIGNTO)
		bytes[len++] = 0;
}

/* A message about interface INDEX with these flags, and its MTU behind another attribute. */
static void say(uint16_t type, int index, unsigned flags, uint32_t mtu)
{
	struct nlmsghdr head = { .nlmsg_type = type,
		.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)) + RTA_SPACE(5) + RTA_SPACE(4) };
	struct ifinfomsg link = { .ifi_index = index, .ifi_flags = flags };
	struct rtattr name = { .rta_type = IFLA_IFNAME, .rta_len = RTA_LENGTH(5) };
	struct rtattr size = { .rta_type = IFLA_MTU, .rta_len = RTA_LENGTH(4) };

	put(&head, sizeof(head));
	put(&link, sizeof(link));
	put(&name, sizeof(name));
	put("tap7", 5);
	put(&size, sizeof(size));
	put(&mtu, 4);
}

static struct host_news taken(size_t part)
{
	struct host_news news = { .mtu = 1500, .is_up = true };

	host_news_take(bytes, part, OURS, &news);
	return news;
}

static void assert_news(unsigned mtu, bool is_up)
{
	struct host_news news = taken(len);

	assert_int_equal(news.mtu, mtu);
	assert_int_equal(news.is_up, is_up);
}

static int begin(void **state)
{
	(void)state;
	len = 0;
	return 0;
}

static void an_mtu_and_a_state_are_read(void **state)
{
	(void)state;
	say(RTM_NEWLINK, OURS, IFF_UP, 9000);
	assert_news(9000, true);
	say(RTM_NEWLINK, OURS, 0, 1400);
	assert_news(1400, false);
}

static void other_interfaces_and_other_messages_are_passed_over(void **state)
{
	(void)state;
	say(RTM_NEWLINK, OURS + 1, 0, 9000);
	say(RTM_DELLINK, OURS, 0, 9000);
	say(NLMSG_DONE, OURS, 0, 9000);
	assert_news(1500, true);
	say(RTM_NEWLINK, OURS, IFF_UP, 1400);
	assert_news(1400, true);
}

/* However it is cut it is read no further than it goes. */
static void a_message_that_is_cut_says_nothing_that_is_not_there(void **state)
{
	(void)state;
	say(RTM_NEWLINK, OURS, IFF_UP, 9000);
	for (size_t part = 0; part < len; part++)
		assert_int_equal(taken(part).mtu, 1500);
}

static void lengths_that_cannot_be_end_the_reading(void **state)
{
	(void)state;
	for (size_t at = 0; at + 2 <= 100; at += 2) {
		static const uint16_t lies[] = { 0, 1, 3, 0x7fff, 0xffff };

		for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
			len = 0;
			say(RTM_NEWLINK, OURS, IFF_UP, 9000);
			say(RTM_NEWLINK, OURS, IFF_UP, 9001);
			memcpy(bytes + at, &lies[i], 2);
			(void)taken(len);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_mtu_and_a_state_are_read, begin),
		cmocka_unit_test_setup(other_interfaces_and_other_messages_are_passed_over, begin),
		cmocka_unit_test_setup(a_message_that_is_cut_says_nothing_that_is_not_there, begin),
		cmocka_unit_test_setup(lengths_that_cannot_be_end_the_reading, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
