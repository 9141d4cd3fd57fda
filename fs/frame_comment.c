/* frame_comment.c - see frame_comment.h. */
#include <inttypes.h>
#include <stdio.h>

#include "../stack/stack.h"
#include "frame_comment.h"
#include "tree.h"

size_t frame_comment(const struct stack *stack, struct fs *fs, const uint8_t *frame, size_t len,
	bool is_in, char *to, size_t cap)
{
	const struct conv *c = stack_frame_conv(stack, frame, len, is_in);
	struct text words = text_over(to, cap);
	const struct life *l;

	if (c == NULL)
		return 0;
	l = fs != NULL ? life_find(fs, NULL, conv_number(c)) : NULL;
	text_printf(&words, "%s %" PRIu64, proto_name(conv_proto(c)), conv_number(c));
	if (l != NULL && l->name != NULL)
		text_printf(&words, " \"%s\"", l->name->text);
	text_printf(&words, " %s", conv_state_name(c));
	return words.len;
}
