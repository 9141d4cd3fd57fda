/*
 * trace_words.h - how events of the trace read.
 */
#ifndef CATNET_TRACE_WORDS_H
#define CATNET_TRACE_WORDS_H

#include "base/text.h"
#include "trace.h"

/* One line without time and newline: "tcp 7 > 10.0.0.2!80 S seq 0 win 65535 mss 1460". */
void trace_words(const struct trace_event *e, struct text *to);

#endif
