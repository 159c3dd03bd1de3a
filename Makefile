# bertutils - plain `make` builds every tool into bin/
#
#   make             tools in bin/, library in build/
#   make check       the tests that need nothing but the packages
#   make install     PREFIX=/usr/local, DESTDIR honoured
#
# BUILD=folder builds elsewhere; SAN=1 with AddressSanitizer and UBSan.

PREFIX  ?= /usr/local
BUILD   ?= build
BIN     ?= bin
CC      ?= cc
CFLAGS  ?= -O2 -g
WARN     = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wvla
WERROR  ?=
PKGS     = libpcre2-8 libutf8proc jansson
MULTI   := $(shell $(CC) -dumpmachine 2>/dev/null)
# BLIS has no .pc file; the serial variant's headers, whatever runs later.
BLIS    ?= $(firstword $(wildcard /usr/include/$(MULTI)/blis-serial /usr/include/$(MULTI)/blis /usr/include/blis))
DNNL    ?= $(if $(wildcard /usr/include/dnnl.h),1)
SANFLAGS = $(if $(SAN),-fsanitize=address$(,)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
,       := ,

ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -Ilib -fPIC -fvisibility=hidden -ffp-contract=off \
             -pthread -MMD -MP $(WARN) $(WERROR) $(SANFLAGS) $(shell pkg-config --cflags $(PKGS)) $(CFLAGS)
BASE_LIBS  = $(shell pkg-config --libs $(PKGS)) -lm -pthread
BLIS_LIBS  = -L/usr/lib/$(MULTI)/blis-serial -lblis -ldl

LIB_SRC := $(wildcard lib/*/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o)
COM_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/common/*.c))
TOOLS   := $(patsubst cmd/%.c,%,$(wildcard cmd/*.c))
UNIT    := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))

all: $(TOOLS:%=$(BIN)/%)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(FLAGS_$(notdir $(basename $@))) -c $< -o $@

FLAGS_kernels_avx2   = -mavx2 -mfma
FLAGS_kernels_avx512 = -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma
FLAGS_gemm_blis      = -I$(BLIS) -Wno-conversion -Wno-pedantic -Wno-shadow -Wno-sign-conversion
FLAGS_gemm_onednn    = $(if $(DNNL),-DHAVE_ONEDNN)

$(BUILD)/libbert.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(BIN)/%: $(BUILD)/cmd/%.o $(COM_OBJ) $(BUILD)/libbert.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SANFLAGS) $^ -o $@ $(LDFLAGS) -Wl,--as-needed $(BASE_LIBS) $(BLIS_LIBS)

$(BUILD)/unit/%: tests/unit/%.c tests/unit/test.h $(BUILD)/libbert.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests/unit $< $(BUILD)/libbert.a -o $@ -Wl,--as-needed $(BASE_LIBS) $(BLIS_LIBS)

check-unit: $(UNIT:%=$(BUILD)/unit/%)
	@for t in $^; do echo "# $$t"; $$t || bad=1; done; test -z "$$bad"

check: check-unit

clean:
	rm -rf $(BUILD) $(BIN)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all check check-unit clean
.SECONDARY:
