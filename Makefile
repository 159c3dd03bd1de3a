# bertutils - plain `make` builds every tool into bin/, the library into build/
#
#   make check       the tests that need nothing but the packages
#   make check-full  all of them: real weights, fuzzers, sanitizers
#   make install     PREFIX=/usr/local and DESTDIR are honoured; uninstall
#   make fmt         clang-format over the C files
#   make fuzz        every fuzz target for FUZZ_SECONDS=60
#   make bench       speed beside others; make bench-peers gets these first
#
# BUILD=folder BIN=folder build elsewhere; SAN=1 with AddressSanitizer and
# UBSan; FAULTS=1 with allocations that fail on demand; WERROR=-Werror.

PREFIX  ?= /usr/local
BUILD   ?= build
BIN     ?= bin
CFLAGS  ?= -O2 -g
CLANG   ?= $(firstword $(notdir $(wildcard $(addprefix /usr/bin/,clang clang-19 clang-14))))
FUZZ_SECONDS ?= 60
MULTI   := $(shell $(CC) -print-multiarch 2>/dev/null || $(CC) -dumpmachine)

PKGS    = libpcre2-8 libutf8proc jansson
# BLIS has no .pc file; the serial variant's headers, whatever runs later.
BLIS   := $(firstword $(wildcard $(addprefix /usr/include/,$(MULTI)/blis-serial $(MULTI)/blis blis)))
# The name that the linker would note; it is opened with dlopen. DNNL= for none.
DNNL   := $(shell readelf -d $$($(CC) -print-file-name=libdnnl.so) 2>/dev/null | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
NEEDS_PKGS := $(if $(MAKECMDGOALS),$(filter-out clean uninstall fmt fmt-check shellcheck,$(MAKECMDGOALS)),all)
ifneq ($(NEEDS_PKGS),)
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS))
PKG_LIBS   := $(shell pkg-config --libs $(PKGS))
ifeq ($(and $(PKG_LIBS),$(BLIS)),)
$(error libraries are missing: `sh examples/packages.sh build` names the packages)
endif
endif

WARN   = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wvla
HARDEN = $(if $(SAN),,-D_FORTIFY_SOURCE=2) -fstack-protector-strong
SANFLAGS = $(if $(SAN),-fsanitize=$(SAN_LIST) -fno-sanitize-recover=all -fno-omit-frame-pointer)
SAN_LIST ?= address,undefined

ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Ilib -fPIC -fvisibility=hidden -ffp-contract=off \
             -pthread -MMD -MP $(WARN) $(WERROR) $(HARDEN) $(SANFLAGS) \
             $(if $(FAULTS),-DBERT_FAULTS) \
             $(if $(DNNL),-DHAVE_ONEDNN -DONEDNN_SONAME='"$(DNNL)"') $(PKG_CFLAGS) $(CFLAGS)
BLIS_LIBS  = -L$(subst /include/,/lib/,$(BLIS)) -lblis -ldl
LIBS       = -Wl,--as-needed $(PKG_LIBS) $(BLIS_LIBS) -lm -pthread
ALL_LDFLAGS = $(CFLAGS) $(SANFLAGS) -Wl,-z,relro,-z,now $(LDFLAGS)

LIB_SRC := $(wildcard lib/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o)
COM_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/common/*.c))
TOOLS   := $(patsubst cmd/%.c,%,$(wildcard cmd/*.c))
UNIT    := $(patsubst tests/unit/%.c,%,$(filter-out tests/unit/test_faults%,$(wildcard tests/unit/test_*.c)))
FAULT   := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_faults*.c))
GEN     := $(patsubst tests/gen/%.c,$(BUILD)/gen/%,$(wildcard tests/gen/*.c)) $(BUILD)/tiny/.made
FUZZ    := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
BATS    := $(wildcard tests/cmd/*.bats)
C_FILES := $(wildcard lib/*.h lib/*/*.[ch] cmd/*.c cmd/*/*.[ch] tests/*/*.[ch] examples/*.c)
SHELLS   = .ci/run $(shell grep -lE '^.!.*[/ ](ba|da)?sh( |$$)' tests/run.sh lib/*.sh examples/* tests/check/* tests/gen/* tests/bench/* tests/full/* 2>/dev/null) tests/full/lib.sh

# V=1 prints the commands.
say = $(if $(V),,@)mkdir -p $(@D);$(if $(V),, printf '  %-4s %s\n' $1 $@;)

all: $(TOOLS:%=$(BIN)/%) $(BUILD)/libbert.a $(BUILD)/libbert.so.0

$(BUILD)/%.o: %.c
	$(call say,CC)$(CC) $(ALL_CFLAGS) $(FLAGS_$(notdir $(basename $@))) -c $< -o $@

# Files of an instruction set hold nothing for other machines.
ifneq ($(filter x86_64%,$(MULTI)),)
FLAGS_kernels_avx2   = -mavx2 -mfma
FLAGS_kernels_avx512 = -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma
endif
FLAGS_gemm_blis      = -isystem $(BLIS)

$(BUILD)/libbert.a: $(LIB_OBJ)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^

# What the commands share; a tool is linked to the parts that it uses.
$(BUILD)/libcommon.a: $(COM_OBJ)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^
$(BUILD)/cmd/%.o: ALL_CFLAGS += -Icmd

$(BUILD)/libbert.so.0: $(LIB_OBJ)
	$(call say,LD)$(CC) -shared -Wl,-soname,libbert.so.0,-z,defs $(ALL_LDFLAGS) $^ -o $@ $(LIBS)

# The archive to install: names that are not public get a prefix, so that no
# user's own can clash with them.
$(BUILD)/install/libbert.a: $(BUILD)/libbert.a $(BUILD)/libbert.so.0
	@mkdir -p $(@D)
	nm -D --defined-only $(word 2,$^) | awk '{ print $$3 }' > $@.public
	nm -g --defined-only $< | awk 'NF == 3 { print $$3 }' | sort -u | \
	    grep -vxF -f $@.public | sed 's/.*/& bert__&/' > $@.names
	objcopy --redefine-syms=$@.names $< $@

$(BIN)/%: $(BUILD)/cmd/%.o $(BUILD)/libcommon.a $(BUILD)/libbert.a
	$(call say,LD)$(CC) $(ALL_LDFLAGS) $^ -o $@ $(LIBS)

$(BUILD)/unit/%: tests/unit/%.c tests/unit/test.h $(BUILD)/libcommon.a $(BUILD)/libbert.a
	$(call say,CC)$(CC) $(ALL_CFLAGS) -Icmd -Itests/unit $(filter %.c %.a,$^) -o $@ $(LIBS)

$(BUILD)/gen/%: tests/gen/%.c $(BUILD)/libbert.a
	$(call say,CC)$(CC) $(ALL_CFLAGS) $< $(BUILD)/libbert.a -o $@ $(LIBS)

# The tiny models of the tests.
$(BUILD)/tiny/.made: $(BUILD)/gen/tiny_bert $(BUILD)/gen/tiny_forms
	$< $(@D) && $(word 2,$^) $(@D)
	@touch $@

# ---- Tests: each check-* prints TAP; tests/check/tap counts a crash too ----

export BUILD BIN CC SAN FAULTS
TAP = PATH="$(abspath $(BIN)):$$PATH" tests/check/tap
CHECKS = unit cmd faults layers size headers exports links generated docs fuzz mutation

tests: $(UNIT:%=$(BUILD)/unit/%) $(FUZZ:%=$(BUILD)/fuzz/%) $(GEN)

check: $(CHECKS:%=check-%) fmt-check shellcheck

check-unit: $(UNIT:%=$(BUILD)/unit/%) $(GEN)
	@$(TAP) $(UNIT:%=$(BUILD)/unit/%) 'ONEDNN_MAX_CPU_ISA=AVX2 $(BUILD)/unit/test_gemm'

check-cmd: all $(GEN)
	@$(if $(BATS),$(TAP) 'bats --tap $(BATS)',true)

# Scripts of tests/check; what each one checks is said at its top.
script = $(TAP) $(addprefix tests/check/,$1)
check-layers check-size check-headers check-mutation: check-%:
	@$(call script,$*)
check-links: all
	@$(call script,links)
check-exports: $(BUILD)/install/libbert.a
	@$(call script,exports)
check-generated: all $(GEN)
	@$(call script,completions generated)
check-docs: all $(GEN)
	@$(call script,docs manual)

check-faults:
	@$(MAKE) -s FAULTS=1 SAN=1 BUILD=build-faults CFLAGS='-O1 -g' run-faults
run-faults: $(FAULT) $(GEN)
	@$(TAP) $(FAULT)

# Corpora replayed through each target, no fuzzer needed.
$(BUILD)/fuzz/%: tests/fuzz/fuzz_%.c tests/fuzz/driver.c $(BUILD)/libbert.a
	$(call say,CC)$(CC) $(ALL_CFLAGS) $(filter %.c %.a,$^) -o $@ $(LIBS)
check-fuzz: $(FUZZ:%=$(BUILD)/fuzz/%)
	@$(if $(FUZZ),$(TAP) $(foreach f,$(FUZZ),'$(BUILD)/fuzz/$f tests/fuzz/corpus/$f'),true)

fuzz:
	$(MAKE) CC=$(CLANG) SAN=1 BUILD=build-fuzz SAN_LIST=address,undefined,fuzzer-no-link run-fuzz
$(BUILD)/fuzzer/%: tests/fuzz/fuzz_%.c $(BUILD)/libbert.a
	$(call say,CC)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $< $(BUILD)/libbert.a -o $@ $(LIBS)
run-fuzz: $(FUZZ:%=$(BUILD)/fuzzer/%)
	@for f in $(FUZZ); do mkdir -p $(BUILD)/found/$$f && echo "# $$f" && \
	    $(BUILD)/fuzzer/$$f -max_total_time=$(FUZZ_SECONDS) -max_len=65536 -print_final_stats=1 \
	        -artifact_prefix=$(BUILD)/found/ $(BUILD)/found/$$f tests/fuzz/corpus/$$f || exit 1; done

check-san:
	$(MAKE) SAN=1 BUILD=build-san BIN=build-san/bin check-unit check-cmd check-fuzz
check-full: check check-san
	@tests/full/run.sh
	$(MAKE) fuzz FUZZ_SECONDS=300

# What they need and measure: tests/bench/run.sh and setup.sh. WHAT='throughput
# --rounds 15' runs a part.
bench: all $(BUILD)/bench/gemm_limit
	BERTUTILS_GEMM_LIMIT=$(BUILD)/bench/gemm_limit tests/bench/run.sh $(WHAT)
bench-peers:
	sh tests/bench/setup.sh
$(BUILD)/bench/gemm_limit: tests/bench/gemm_limit.c
	$(call say,CC)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O2 $< -o $@ -ldnnl -fopenmp

# Real weights and data sets for check-full, 2.6 GB: make assets DIR=folder
assets:
	tests/gen/fetch-assets $(or $(DIR),$(error make assets DIR=folder))

fmt:
	clang-format-14 -i $(C_FILES)
fmt-check:
	@$(TAP) 'tests/check/format $(C_FILES)'
shellcheck:
	@$(TAP) 'tests/check/shell $(SHELLS)'

# ---- Installation: what install makes it writes down, uninstall reads that --

install: all $(BUILD)/libbert.so.0 $(BUILD)/install/libbert.a
	@sh lib/install.sh '$(DESTDIR)' '$(PREFIX)' $(BIN) $(BUILD) '$(BLIS_LIBS)' '$(PKGS)'
uninstall:
	@sh lib/install.sh --remove '$(DESTDIR)' '$(PREFIX)'

clean:
	rm -rf $(BUILD) $(BIN) build-san build-faults build-fuzz

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all tests check check-full check-san fuzz run-fuzz run-faults bench bench-peers assets fmt fmt-check \
        shellcheck install uninstall clean $(CHECKS:%=check-%)
.SECONDARY:
.DELETE_ON_ERROR:
