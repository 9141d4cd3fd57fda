#include "evidence.h"

#include "frame.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct evidence {
	FILE *pcap;
	FILE *trace;
};

struct pcap_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, sigfigs, snaplen, linktype;
};

struct pcap_record {
	uint32_t sec, usec, kept, len;
};

/* build/failed, or what whoever runs all tests says. */
static const char *failed_dir(void)
{
	const char *dir = getenv("CATNET_FAILED");

	return dir ? dir : "build/failed";
}

static FILE *open_in(const char *test, const char *name)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s/%s", failed_dir(), test, name);
	return fopen(path, "wb");
}

struct evidence *evidence_open(const char *test)
{
	struct pcap_header header = { 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1 };
	struct evidence *e = calloc(1, sizeof(*e));
	char path[512];

	if (!e)
		return NULL;
	(void)snprintf(path, sizeof(path), "%s/%s", failed_dir(), test);
	(void)mkdir("build", 0777);
	(void)mkdir(failed_dir(), 0777);
	(void)mkdir(path, 0777);
	e->pcap = open_in(test, "wire.pcap");
	e->trace = open_in(test, "trace.txt");
	if (!e->pcap || !e->trace) {
		evidence_close(e);
		return NULL;
	}
	(void)fwrite(&header, sizeof(header), 1, e->pcap);
	return e;
}

void evidence_close(struct evidence *e)
{
	if (!e)
		return;
	if (e->pcap)
		(void)fclose(e->pcap);
	if (e->trace)
		(void)fclose(e->trace);
	free(e);
}

void evidence_frame(
	struct evidence *e, uint64_t now_us, int is_in, const uint8_t *bytes, size_t len)
{
	struct pcap_record record;
	struct frame f;
	char words[400];
	const char *bad;

	if (!e)
		return;
	record.sec = (uint32_t)(now_us / 1000000);
	record.usec = (uint32_t)(now_us % 1000000);
	record.kept = record.len = (uint32_t)len;
	(void)fwrite(&record, sizeof(record), 1, e->pcap);
	(void)fwrite(bytes, 1, len, e->pcap);
	(void)fflush(e->pcap);
	bad = frame_parse(&f, bytes, len);
	evidence_say(e, "%6u.%06u %s %s%s%s", record.sec, record.usec, is_in ? "in " : "out",
		frame_words(&f, words, sizeof(words)), bad ? "   ! " : "", bad ? bad : "");
}

void evidence_say(struct evidence *e, const char *format, ...)
{
	va_list args;

	if (!e)
		return;
	va_start(args, format);
	(void)vfprintf(e->trace, format, args);
	va_end(args);
	(void)fputc('\n', e->trace);
	(void)fflush(e->trace);
}
