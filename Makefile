# catnet. `make help` says what there is.

VERSION := 0.1.0
CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
# debug: sanitizers on; release: -O2, hardening, assertions still on.
MODE    ?= debug
BUILD   := build/$(MODE)-$(notdir $(CC))
V       ?= @

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wcast-align -Wcast-qual -Wswitch-enum -Wundef -Wvla -Wnull-dereference -Werror
CPPFLAGS_ALL := -D_GNU_SOURCE -DCATNET_VERSION='"$(VERSION)"' -Iclients
FUSE_CFLAGS  := -DFUSE_USE_VERSION=314 $(shell pkg-config --cflags fuse3 2>/dev/null)
FUSE_LIBS    := $(shell pkg-config --libs fuse3 2>/dev/null || echo -lfuse3)
JSON_LIBS    := -ljansson

ifeq ($(MODE),debug)
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
else ifeq ($(MODE),release)
OPT := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE -fstack-clash-protection
LDOPT := -pie -Wl,-z,relro,-z,now
else
$(error MODE is debug or release)
endif

# gcc 12 finds imagined null dereferences and overlaps under the sanitizers' instrumentation.
ifeq ($(MODE)-$(findstring gcc,$(CC)),debug-gcc)
OPT += -Wno-null-dereference
endif

CFLAGS_ALL  := -std=c11 $(WARN) $(OPT) $(CFLAGS) -MMD -MP
# stack/ is a pure machine: no POSIX beyond <sys/types.h>.
STACK_FLAGS := -U_GNU_SOURCE -D_POSIX_C_SOURCE=200809L

STACK_SRC   := $(wildcard stack/*.c stack/*/*.c)
DRIVERS_SRC := $(wildcard drivers/*.c)
FS_SRC      := $(filter-out fs/main.c,$(wildcard fs/*.c))
LIB_SRC     := clients/libcatnet.c clients/libcatnet_data.c clients/sock.c clients/dial.c clients/plan9.c
CLIENT_SRC  := $(filter-out $(LIB_SRC),$(wildcard clients/*.c))
# What tests share, and what a test of several files is made of besides its test_*.c.
TESTLIB_SRC := $(wildcard tests/lib/*.c) \
	$(filter-out tests/wire/test_% tests/tcp/test_% tests/sim/test_% tests/fs/test_%, \
	$(wildcard tests/wire/*.c tests/tcp/*.c tests/sim/*.c tests/fs/*.c))

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
STACK_LIB   := $(BUILD)/libstack.a
DRIVERS_LIB := $(BUILD)/libdrivers.a
FS_LIB      := $(BUILD)/libfs.a
CATNET_LIB  := $(BUILD)/libcatnet.a
TEST_LIB    := $(BUILD)/libtest.a

# One program a test file; tests of a room link that room and what is to its right.
UNIT_SRC := $(wildcard tests/unit/test_*.c tests/wire/test_*.c tests/tcp/test_*.c \
	tests/sim/test_*.c tests/fs/test_*.c)
UNIT_BIN := $(patsubst %.c,$(BUILD)/%,$(UNIT_SRC))
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
BENCH_SRC := $(wildcard tests/bench/bench_*.c)
# What bench.py runs from both sides; needs nothing of ours.
FLOW_SRC := tests/bench/flow.c tests/bench/services.c
HELPER_SRC := $(wildcard tests/e2e/helper_*.c)
CLIENT_BIN := $(patsubst clients/%.c,$(BUILD)/%,$(CLIENT_SRC))
HELPER_BIN := $(patsubst %.c,$(BUILD)/%,$(HELPER_SRC))
FLOW_BIN := $(patsubst %.c,$(BUILD)/%,$(FLOW_SRC))
BENCH_BIN := $(patsubst %.c,$(BUILD)/%,$(BENCH_SRC))
NULL_BIN := $(BUILD)/tests/bench/null_fuse
STACK_BIN := $(BUILD)/tests/bench/stack_services
EXAMPLE_BIN := $(patsubst %.c,$(BUILD)/%,$(wildcard examples/*.c))

.PHONY: all examples unit-bins e2e-bins bench-bins help check test tidy demo run e2e e2e-stock-kernel sim bench release clean packages format
all: $(BUILD)/catnetd $(CATNET_LIB) $(CLIENT_BIN) ## debug build, sanitizers on

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | expand -t 12

$(BUILD)/stack/%.o: stack/%.c Makefile
	@mkdir -p $(@D)
	$(V)echo "  cc      $<"; $(CC) $(CPPFLAGS_ALL) $(STACK_FLAGS) $(CFLAGS_ALL) -c $< -o $@

$(BUILD)/fs/fuse.o $(BUILD)/fs/fuse_ops.o $(BUILD)/tests/bench/null_fuse.o: CPPFLAGS_ALL += $(FUSE_CFLAGS)
$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(V)echo "  cc      $<"; $(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -c $< -o $@

define archive
	@mkdir -p $(@D)
	$(V)rm -f $@; ar rcs $@ $^
endef
$(STACK_LIB): $(call obj,$(STACK_SRC))
	$(archive)
$(DRIVERS_LIB): $(call obj,$(DRIVERS_SRC))
	$(archive)
$(FS_LIB): $(call obj,$(FS_SRC))
	$(archive)
$(CATNET_LIB): $(call obj,$(wildcard $(LIB_SRC)))
	$(archive)
$(TEST_LIB): $(call obj,$(TESTLIB_SRC))
	$(archive)

link = $(V)echo "  link    $@"; $(CC) $(OPT) $(LDOPT) -o $@

$(BUILD)/catnetd: $(BUILD)/fs/main.o $(FS_LIB) $(DRIVERS_LIB) $(STACK_LIB)
	$(link) $^ $(FUSE_LIBS) $(JSON_LIBS)

$(CLIENT_BIN): $(BUILD)/%: $(BUILD)/clients/%.o $(CATNET_LIB)
	$(link) $^

# Helpers of the end-to-end scripts are clients, and link what clients link.
$(HELPER_BIN): $(BUILD)/%: $(BUILD)/%.o $(CATNET_LIB)
	$(link) $^

$(FLOW_BIN): $(BUILD)/%: $(BUILD)/%.o
	$(link) $^

$(NULL_BIN): $(BUILD)/tests/bench/null_fuse.o
	$(link) $^ $(FUSE_LIBS)

$(STACK_BIN): $(BUILD)/tests/bench/stack_services.o $(FS_LIB) $(DRIVERS_LIB) $(STACK_LIB)
	$(link) $^ $(FUSE_LIBS) $(JSON_LIBS)

$(BENCH_BIN): $(BUILD)/%: $(BUILD)/%.o $(STACK_LIB)
	$(link) $^

$(EXAMPLE_BIN): $(BUILD)/%: $(BUILD)/%.o $(DRIVERS_LIB) $(STACK_LIB)
	$(link) $^

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(TEST_LIB) $(FS_LIB) $(DRIVERS_LIB) $(CATNET_LIB) $(STACK_LIB)
	$(link) $^ $(FUSE_LIBS) $(JSON_LIBS) -lcmocka
$(BUILD)/tests/%: $(BUILD)/tests/%.o $(TEST_LIB) $(FS_LIB) $(DRIVERS_LIB) $(CATNET_LIB) $(STACK_LIB)
	$(link) $^ $(FUSE_LIBS) $(JSON_LIBS) -lcmocka

.PRECIOUS: $(BUILD)/%.o

unit-bins: $(UNIT_BIN)
e2e-bins: $(BUILD)/catnetd $(CLIENT_BIN) $(HELPER_BIN)
bench-bins: $(BUILD)/catnetd $(FLOW_BIN) $(NULL_BIN) $(STACK_BIN) $(BENCH_BIN)

# What builds something else, or installs first, does it by a make of its own: what the packages
# bring is only looked for when a make begins.
# A -j of the user's goes before ours.
JOBS   = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))
BUILD_RELEASE = $(MAKE) -s --no-print-directory $(JOBS) CC=gcc MODE=release

examples: $(EXAMPLE_BIN) ## the stack in a loop of your own: examples/embed.c

packages: ## install what is missing, by apt (root)
	$(V)tests/packages

release: ## -O2, hardened, assertions on: build/release-gcc
	$(V)+$(BUILD_RELEASE) all

demo: ## see it work in a namespace of its own (root)
	$(V)tests/packages
	$(V)+$(BUILD_RELEASE) all
	$(V)examples/demo build/release-gcc

run: ## the server on this host with its tree at /net, until Ctrl-C (root)
	$(V)tests/packages
	$(V)+$(BUILD_RELEASE) all
	$(V)trap : INT; examples/run build/release-gcc || [ $$? -eq 130 ]

e2e: ## end to end against the kernel (root); ONLY=WORD: scripts named so
	$(V)$(MAKE) -s --no-print-directory $(JOBS) e2e-bins
	$(V)+$(BUILD_RELEASE) e2e-bins
	$(V)tests/run e2e:$(BUILD)

e2e-stock-kernel: ## e2e under qemu with Debian's own kernel; ONLY=WORD, SHELL_INSIDE=1: tests/stock
	$(V)tests/packages
	$(V)tests/packages tests/stock/packages.txt
	$(V)+$(BUILD_RELEASE) e2e-bins
	$(V)$(MAKE) -s --no-print-directory $(JOBS) all # a test in there says make, and has no day for it
	$(V)tests/stock/run build/release-gcc

test: ## everything (root): both compilers, then end to end
	$(V)[ "$$(id -u)" -eq 0 ] || { echo "make test makes namespaces, devices and mounts: sudo make test"; exit 1; }
	$(V)tests/packages
	$(V)$(MAKE) -s --no-print-directory $(JOBS) CC=gcc MODE=debug unit-bins e2e-bins
	$(V)$(MAKE) -s --no-print-directory $(JOBS) CC=clang MODE=debug unit-bins e2e-bins
	$(V)+$(BUILD_RELEASE) e2e-bins
	$(V)tests/run build/debug-gcc build/debug-clang tidy e2e:build/debug-gcc

check: $(UNIT_BIN) tidy ## unit, wire, transcripts, tree, simulator: before every commit
	$(V)tests/run $(BUILD)

sim: $(BUILD)/tests/sim/test_sim ## two stacks on a bad wire: SEED=n, or FROM=n COUNT=m; HOSTILE=1
	$(V)$< $(if $(HOSTILE),--hostile) $(if $(SEED),--seed $(SEED),$(if $(COUNT),--from $(or $(FROM),0) --count $(COUNT)))

bench: ## speed and memory beside the kernel's (root): docs/benchmarks.md
	$(V)[ "$$(id -u)" -eq 0 ] || { echo "make bench makes namespaces, devices and mounts: sudo make bench"; exit 1; }
	$(V)tests/packages
	$(V)+$(BUILD_RELEASE) bench-bins
	$(V)tests/bench/bench.py build/release-gcc

tidy: ## sizes, who-includes-whom, words, format
	$(V)tests/lint/run

format: ## lay out all C as .clang-format says
	$(V)git ls-files '*.c' '*.h' | xargs clang-format -i

include fs/service/install.mk

clean: ## remove what was built
	rm -rf build

-include $(shell find build -name '*.d' 2>/dev/null)
