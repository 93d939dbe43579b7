# rill: one GNU make file, not recursive. FLAVOUR=debug|release|asan picks build/FLAVOUR.
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += -r

CC ?= gcc
CFLAGS ?= -O2 -g
LDFLAGS ?=
PREFIX ?= /usr/local
BUILD ?= build/default

WARN = -std=c11 -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wno-sign-conversion
CPPF = -D_GNU_SOURCE -Istack -Istack/include -Idrivers -Idrivers/include

stack_src := $(wildcard stack/*/*.c)
driver_src := $(wildcard drivers/*.c drivers/host/*.c)
unit_src := $(wildcard tests/unit/*_test.c)

stack_obj := $(stack_src:%.c=$(BUILD)/%.o)
driver_obj := $(driver_src:%.c=$(BUILD)/%.o)
unit_bin := $(unit_src:tests/unit/%.c=$(BUILD)/unit/%)

all: $(stack_obj) $(driver_obj)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CPPF) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/stack.a: $(stack_obj)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/drivers.a: $(driver_obj)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/tests/unit/unit.o $(BUILD)/stack.a $(BUILD)/drivers.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(BUILD)/drivers.a $(BUILD)/stack.a -lcunit -lpcap

unit: $(unit_bin)
	@set -e; for t in $(unit_bin); do $$t; done

clean:
	rm -rf build

.PHONY: all unit clean
.SECONDARY:
-include $(shell find build -name '*.d' 2>/dev/null)
