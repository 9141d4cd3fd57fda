# install.mk - make install and make uninstall, with PREFIX, DESTDIR and the directories below.
#
# One list says what goes where; uninstall takes away exactly that.

PREFIX        ?= /usr/local
DESTDIR       ?=
BINDIR        ?= $(PREFIX)/bin
SBINDIR       ?= $(PREFIX)/sbin
LIBDIR        ?= $(PREFIX)/lib
INCLUDEDIR    ?= $(PREFIX)/include
MANDIR        ?= $(PREFIX)/share/man
DOCDIR        ?= $(PREFIX)/share/doc/catnet
UNITDIR       ?= $(PREFIX)/lib/systemd/system
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
# mount(8) looks for its helpers nowhere else.
MOUNTDIR      ?= $(if $(filter /usr /usr/local,$(PREFIX)),/sbin,$(SBINDIR))

SO_NAME := libcatnet.so.0
SO_FILE := libcatnet.so.$(VERSION)
PARTS   := $(BUILD)/install
MAN_SRC := $(wildcard docs/man/*.scd)
MAN_OUT := $(patsubst docs/man/%.scd,$(PARTS)/%,$(MAN_SRC))

# Only of these does the system's loader know.
LDCONFIG := $(if $(DESTDIR),:,$(if $(filter /usr /usr/local,$(PREFIX)),[ "$$(id -u)" -ne 0 ] || ldconfig,:))

# One page explains all of them.
CALLS := $(filter-out net_socket,$(shell grep -oE '\bnet_[a-z]+\b' clients/catnet.h | sort -u))

# MODE:WHAT:WHERE; then links, TO:WHERE.
INSTALLED := 755:$(BUILD)/catnetd:$(SBINDIR)/catnetd \
	755:$(BUILD)/net_ping:$(BINDIR)/net_ping \
	755:$(PARTS)/$(SO_FILE):$(LIBDIR)/$(SO_FILE) \
	644:$(PARTS)/libcatnet.a:$(LIBDIR)/libcatnet.a \
	644:$(PARTS)/catnet.pc:$(LIBDIR)/pkgconfig/catnet.pc \
	644:clients/catnet.h:$(INCLUDEDIR)/catnet.h \
	644:clients/catnet_ioctl.h:$(INCLUDEDIR)/catnet_ioctl.h \
	644:clients/plan9.h:$(INCLUDEDIR)/catnet/plan9.h \
	644:$(PARTS)/catnetd@.service:$(UNITDIR)/catnetd@.service \
	644:fs/service/catnetd.bash-completion:$(COMPLETIONDIR)/catnetd \
	644:fs/service/net.json:$(DOCDIR)/net.json \
	$(foreach m,$(MAN_OUT),644:$(m):$(MANDIR)/man$(patsubst .%,%,$(suffix $(m)))/$(notdir $(m)))
LINKED := $(SO_FILE):$(LIBDIR)/$(SO_NAME) $(SO_NAME):$(LIBDIR)/libcatnet.so \
	$(SBINDIR)/catnetd:$(MOUNTDIR)/mount.fuse.catnetd \
	$(foreach c,$(CALLS),net_socket.3:$(MANDIR)/man3/$(c).3)

filled = sed -e 's|@PREFIX@|$(PREFIX)|; s|@SBINDIR@|$(SBINDIR)|; s|@LIBDIR@|$(LIBDIR)|' \
	-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|; s|@VERSION@|$(VERSION)|' $<
# One that is right is left alone: who installs may be another than who has built.
fill = $(V)mkdir -p $(@D); $(filled) | cmp -s - $@ || $(filled) >$@

# The list above is one of words with colons; a relative place would be another for each who reads it.
DIRECTORIES := PREFIX BINDIR SBINDIR LIBDIR INCLUDEDIR MANDIR DOCDIR UNITDIR COMPLETIONDIR MOUNTDIR
unfit = $(filter-out /%,$(1))$(word 2,$(1))$(findstring :,$(1))
check_places = $(foreach d,$(DIRECTORIES),$(if $(call unfit,$($(d))),$(error \
	$(d): expected an absolute path without blanks and colons, got "$($(d))")))

# What a command left half made when it failed is made again.
.DELETE_ON_ERROR:

.PHONY: install uninstall install-parts install-copy man FORCE
FORCE:
$(PARTS)/catnet.pc: fs/service/catnet.pc FORCE
	$(fill)
$(PARTS)/catnetd@.service: fs/service/catnetd@.service FORCE
	$(fill)

$(PARTS)/%: docs/man/%.scd
	@mkdir -p $(@D)
	@command -v scdoc >/dev/null || { echo "scdoc is missing, for the manual: make packages"; exit 1; }
	$(V)changed=$$(git log -1 --format=%ct -- $< 2>/dev/null); \
		SOURCE_DATE_EPOCH=$${changed:-$$(stat -c %Y $<)} scdoc <$< >$@

$(BUILD)/pic/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(V)$(CC) $(CPPFLAGS_ALL) $(filter-out -fPIE,$(CFLAGS_ALL)) -fPIC -c $< -o $@
PIC_OBJ := $(patsubst %.c,$(BUILD)/pic/%.o,$(LIB_SRC))

$(PARTS)/$(SO_FILE): $(PIC_OBJ) clients/libcatnet.map
	@mkdir -p $(@D)
	$(V)echo "  link    $@"; $(CC) $(OPT) -shared -Wl,-soname,$(SO_NAME) -Wl,-z,relro,-z,now -Wl,-z,defs \
		-Wl,--version-script=clients/libcatnet.map -o $@ $(PIC_OBJ)

# One object, in which nothing but the library's own calls has a name that could be in others' way.
$(PARTS)/libcatnet.a: $(call obj,$(LIB_SRC))
	@mkdir -p $(@D)
	$(V)rm -f $@; ld -r -o $(PARTS)/catnet.o $^
	$(V)objcopy --wildcard --keep-global-symbol='net_*' --keep-global-symbol='p9*' $(PARTS)/catnet.o
	$(V)ar rcs $@ $(PARTS)/catnet.o

man: $(MAN_OUT) ## the manual: build/debug-gcc/install/*.[0-9]

install-parts: $(BUILD)/catnetd $(BUILD)/net_ping $(PARTS)/$(SO_FILE) $(PARTS)/libcatnet.a \
	$(PARTS)/catnet.pc $(PARTS)/catnetd@.service $(MAN_OUT)

install-copy:
	$(V)set -e; for one in $(INSTALLED); do \
		IFS=: read -r mode what where <<<"$$one"; \
		install -D -m "$$mode" "$$what" "$(DESTDIR)$$where"; \
	done; for one in $(LINKED); do \
		IFS=: read -r to where <<<"$$one"; \
		mkdir -p "$(DESTDIR)$${where%/*}"; ln -sfn "$$to" "$(DESTDIR)$$where"; \
	done
install-copy uninstall: SHELL := /bin/bash

install: ## catnetd, library, manual and all, below PREFIX=/usr/local; DESTDIR=
	$(check_places)
	$(V)+$(BUILD_RELEASE) install-parts
	$(V)+$(BUILD_RELEASE) install-copy
	$(V)$(LDCONFIG)
	$(V)echo "installed below $(DESTDIR)$(PREFIX): man catnetd"

# The directories of a staging tree are ours alone; those of a system are not, but for two.
uninstall: ## take away what make install has put there, with the same PREFIX and DESTDIR
	$(check_places)
	$(V)for one in $(INSTALLED) $(LINKED); do \
		rm -f "$(DESTDIR)$${one##*:}"; \
		if [ -n "$(DESTDIR)" ]; then \
			where=$${one##*:}; where=$${where%/*}; \
			(cd "$(DESTDIR)" 2>/dev/null && rmdir -p --ignore-fail-on-non-empty ".$$where" 2>/dev/null); \
		fi; \
	done; \
	rmdir --ignore-fail-on-non-empty "$(DESTDIR)$(INCLUDEDIR)/catnet" "$(DESTDIR)$(DOCDIR)" 2>/dev/null; \
	$(LDCONFIG)
