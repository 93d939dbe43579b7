# rill: one GNU make file, not recursive. CC, CPPFLAGS, CFLAGS, LDFLAGS, LDLIBS, PREFIX and DESTDIR are the user's.
#
#   make                 every program into build/bin/, the libraries into build/release/
#   make FLAVOUR=debug   -O0 -g3, into build/debug/        make FLAVOUR=asan   with sanitizers, into build/asan/ (tsan: for threads)
#   make help            all targets
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
MAKEFLAGS += -r

VERSION := $(shell sed -n 's/.*define RILL_VERSION "\(.*\)"/\1/p' stack/include/rill/version.h)
PREFIX ?= /usr/local
FLAVOUR ?= release
BUILD ?= build/$(FLAVOUR)
BIN = $(if $(filter build/release,$(BUILD)),build/bin,$(BUILD)/bin)

# ---- Flavours ----
optimize_release = -O3 -g
optimize_debug = -O0 -g3
optimize_asan = -O1 -g
optimize_fuzz = -O1 -g
optimize_tsan = -O1 -g
san_asan = address,undefined
san_tsan = thread
san_fuzz = fuzzer-no-link,address,undefined
compiler_fuzz = clang

ifeq ($(origin CC),default)
CC = $(or $(compiler_$(FLAVOUR)),gcc)
endif
# The compiler's own binutils: it may compile for another machine.
ifeq ($(origin LD),default)
LD := $(shell $(CC) -print-prog-name=ld)
endif
ifeq ($(origin AR),default)
AR := $(shell $(CC) -print-prog-name=ar)
endif
OBJCOPY ?= $(shell $(CC) -print-prog-name=objcopy)
NM ?= $(shell $(CC) -print-prog-name=nm)
CFLAGS ?= $(optimize_$(FLAVOUR))
SAN ?= $(san_$(FLAVOUR))

WARN = -std=c11 -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wno-sign-conversion
INCLUDE = -D_GNU_SOURCE -Istack -Istack/include -Idrivers/include -Idrivers -Isimulator/include -Isimulator -Iapps -Itools
# One set of objects serves the programs, the archive and the shared library.
CODE = -fPIC -fno-semantic-interposition
SANITIZE = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
compile = $(CC) $(WARN) $(INCLUDE) $(CPPFLAGS) $(CODE) $(SANITIZE) $(CFLAGS)
link = $(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) $(if $(LTO),-fno-lto)
# The stack is many small functions in many files: what is installed of it is optimised as one (LTO; one partition, as GCC 12
# cannot divide functions with clones), with the counts of a training run (PGO). `make LTO=`, `make PGO=`: without. Nor with sanitizers:
# what counts beside them runs before the program does, in the loader, and crashes there. The parameter (GCC's is 30) inlines functions
# of middle size where the run has shown them to be hot: a tenth of a request's time, for a tenth more of text. On x86-64 the counts
# make GCC copy by `rep movsq` in line: libc's memcpy takes 5 to 9 % less time for a segment (`engine bulk`, with and without).
machine := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
copies_x86_64 = -mmemcpy-strategy=loop:32:noalign,libcall:-1:noalign
LTO ?= $(if $(and $(filter release,$(FLAVOUR)$(SAN)),$(findstring gcc,$(CC))),-flto -flto-partition=one --param max-inline-insns-auto=100 $(copies_$(machine)))
PGO ?= $(LTO)

# ---- Sources ----
objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)))
stack_obj := $(call objects,stack/*/*.c)
driver_obj := $(call objects,drivers/*.c drivers/host/*.c drivers/posix/*.c)
coroutine_obj := $(call objects,drivers/coroutine/*.c)
simulator_obj := $(call objects,simulator/*.c)
http_obj := $(call objects,apps/http/*.c)
httpd_obj := $(call objects,apps/httpd/*.c)
recording_obj := $(call objects,tools/recording/*.c)
ladder_obj := $(filter-out %/main.o,$(call objects,tools/ladder/*.c))
graph_obj := $(filter-out %/main.o,$(call objects,tools/graph/*.c))
replay_obj := $(filter-out %/main.o,$(call objects,tools/replay/*.c))
script_obj := $(filter-out %/main.o,$(call objects,tools/script/*.c))
ss_obj := $(filter-out %/main.o,$(call objects,tools/ss/*.c))
sim_obj := $(filter-out %/main.o,$(call objects,tools/sim/*.c))
states_obj := $(filter-out %/main.o,$(call objects,tools/states/*.c))
packetdrill_obj := $(call objects,tools/packetdrill/*.c)
support_obj := $(filter-out %_test.o,$(call objects,tests/unit/*.c tests/sim/*.c tests/replay/*.c tests/scenario/*.c))

apps := $(patsubst apps/%.c,rill-%,$(wildcard apps/*.c))
programs := $(addprefix $(BIN)/,$(apps) $(patsubst tools/%/main.c,rill-%,$(wildcard tools/*/main.c)))
libraries := $(addprefix $(BUILD)/lib/,librill.a librill.so librill-host.a librill-host.so librill-sim.a librill-sim.so \
    librill-coroutine.a librill-coroutine.so \
    librill-packetdrill.so librill-preload.so)
tests := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/unit/*_test.c tests/sim/*_test.c tests/replay/*_test.c))
scenarios := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/scenario/*_test.c))
fuzzers := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/fuzz/*_fuzz.c))

all: programs libraries
programs: $(programs)
libraries: $(libraries)
tests: $(tests) $(fuzzers)

# ---- Compiling ----
# Objects are made anew where the command has changed: this file is touched only then.
$(BUILD)/command: FORCE
	@mkdir -p $(@D)
	@echo '$(made_by)' | cmp -s - $@ || echo '$(made_by)' >$@
# And how the installed stack is trained; where, since its counts are written there.
made_by = $(compile) $(LTO) $(PGO) $(profile_use) $(subst ',,$(lessons)) $(CURDIR)

# Headers that other packages bring: asked for once, so that their absence is one sentence.
$(BUILD)/have/%:
	@mkdir -p $(@D)
	@echo '#include <$*>' | $(CC) $(CPPFLAGS) -include stdio.h -E - >/dev/null 2>&1 || \
	    { echo "rill: $(CC) does not find <$*>: run \`make deps\` first." >&2; exit 1; }
	@touch $@

$(BUILD)/%.o: %.c $(BUILD)/command | $(BUILD)/have/stdio.h
	@mkdir -p $(@D)
	$(compile) -MMD -MP -c -o $@ $<

# The loader asks which of its versions to take before ThreadSanitizer is there.
ifeq ($(FLAVOUR),tsan)
$(BUILD)/stack/wire/checksum.o: private SANITIZE =
endif

$(driver_obj) $(recording_obj) $(ladder_obj) $(graph_obj) $(addprefix $(BUILD)/tools/,ladder/main.o graph/main.o): | $(BUILD)/have/pcap.h
$(http_obj) $(httpd_obj): | $(BUILD)/have/http_parser.h
$(support_obj) $(tests:$(BUILD)/%=$(BUILD)/tests/%.o): | $(BUILD)/have/CUnit/CUnit.h

# It takes small blocks from malloc, which has them at hand, and zeroes them: the compiler would ask calloc, which has not.
$(addsuffix stack/base/memory.o,$(BUILD)/ $(BUILD)/trained/ $(BUILD)/training/): private CODE += -fno-builtin-malloc

# ---- Archives with every name, for tests and tools ----
define archive
@rm -f $@
$(AR) rcs $@ $(filter %.o,$^)
endef

$(BUILD)/stack.a: $(stack_obj)
	$(archive)
$(BUILD)/drivers.a: $(driver_obj)
	$(archive)
$(BUILD)/coroutine.a: $(coroutine_obj)
	$(archive)
$(BUILD)/simulator.a: $(simulator_obj)
	$(archive)
$(BUILD)/http.a: $(http_obj)
	$(archive)
$(BUILD)/httpd.a: $(httpd_obj) $(http_obj)
	$(archive)
$(BUILD)/ladder.a: $(ladder_obj) $(recording_obj)
	$(archive)
$(BUILD)/graph.a: $(graph_obj)
	$(archive)
$(BUILD)/replay.a: $(replay_obj)
	$(archive)
$(BUILD)/script.a: $(script_obj)
	$(archive)
$(BUILD)/ss.a: $(ss_obj)
	$(archive)
$(BUILD)/states.a: $(states_obj)
	$(archive)
$(BUILD)/sim.a: $(sim_obj)
	$(archive)
$(BUILD)/support.a: $(support_obj)
	$(archive)

# ---- The stack as it is installed ----
# An instrumented one talks to itself, in bulk, in requests and in connections; the compiler takes from that which way is the usual one,
# and what to inline. Tests and tools take the ordinary objects, which need no training.
trained_obj = $(stack_obj:$(BUILD)/%=$(BUILD)/trained/%)
training_obj = $(stack_obj:$(BUILD)/%=$(BUILD)/training/%)
lessons = 'rr -n 20000' 'rr -c 100 -n 20000' 'crr -n 5000' 'bulk -n 30' 'bulk -s -n 30' 'bulk -g -s -n 100'
$(BUILD)/training/%.o: %.c $(BUILD)/command
	@mkdir -p $(@D)
	$(compile) -g0 -fprofile-generate -MMD -MP -c -o $@ $<
$(BUILD)/training/engine: $(addprefix $(BUILD)/tools/bench/,engine.o engine_idle.o) $(training_obj)
	$(link) -fprofile-generate -o $@ $^ $(LDLIBS)
$(BUILD)/training/done: $(BUILD)/training/engine
	@find $(@D) -name '*.gcda' -delete
	@for it in $(lessons); do $< $$it >/dev/null || { echo 'rill: the training run failed: `make PGO=` does without it.' >&2; exit 1; }; done
	@touch $@
# What was counted stands beside the instrumented object, and is found by its name.
profile_use = -fprofile-use -fprofile-partial-training
profile = $(if $(PGO),$(profile_use) -dumpdir $(BUILD)/training/$(dir $*) -dumpbase $(notdir $<) -dumpbase-ext .c)
$(BUILD)/trained/%.o: %.c $(BUILD)/command $(if $(PGO),$(BUILD)/training/done)
	@mkdir -p $(@D)
	$(compile) $(LTO) $(profile) -MMD -MP -MF $(@:.o=.d) -c -o $@ $<

# ---- Libraries, which export rill_* and nothing else ----
# What the simulator shares with the stack and the drivers below their doors, and keeps to itself.
simulator_lib_obj = $(simulator_obj) $(addprefix $(BUILD)/drivers/,segment.o recorder.o explain.o) \
    $(addprefix $(BUILD)/stack/,$(addsuffix .o,base/heap base/hash base/memory wire/checksum wire/eth wire/icmp wire/ip4 wire/tcp_header))
$(BUILD)/lib/librill.whole.o: $(if $(LTO),$(trained_obj),$(stack_obj))
$(BUILD)/lib/librill-host.whole.o: $(driver_obj)
$(BUILD)/lib/librill-sim.whole.o: $(simulator_lib_obj)
$(BUILD)/lib/librill-coroutine.whole.o: $(coroutine_obj)
join = $(LD) -r --force-group-allocation
$(BUILD)/lib/librill.whole.o: private join = $(if $(LTO),$(CC) $(CODE) $(CFLAGS) $(LTO) -r -flinker-output=nolto-rel,$(LD) -r --force-group-allocation)
$(BUILD)/lib/%.whole.o:
	@mkdir -p $(@D)
	$(join) -o $@ $^
$(BUILD)/lib/%.o: $(BUILD)/lib/%.whole.o
	$(OBJCOPY) --wildcard --keep-global-symbol='rill_*' --remove-section='.gnu.*lto_*' $< $@
$(BUILD)/lib/%.a: $(BUILD)/lib/%.o
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/lib/librill.so: $(BUILD)/lib/librill.o
$(BUILD)/lib/librill-host.so: $(driver_obj) $(BUILD)/lib/librill.so
$(BUILD)/lib/librill-host.so: private library_needs = -lpcap
$(BUILD)/lib/librill-sim.so: $(simulator_lib_obj) $(BUILD)/lib/librill-host.so $(BUILD)/lib/librill.so
$(BUILD)/lib/librill-coroutine.so: $(coroutine_obj) $(BUILD)/lib/librill.so
$(BUILD)/lib/librill-coroutine.so: private library_needs = -lboost_context
# The object that packetdrill loads: one symbol, and of the script runner what it needs.
$(BUILD)/lib/librill-packetdrill.so: $(packetdrill_obj) $(BUILD)/script.a $(BUILD)/drivers.a $(BUILD)/stack.a
$(BUILD)/lib/librill-packetdrill.so: private exports = tools/packetdrill/exports.map
$(BUILD)/lib/librill-packetdrill.so: tools/packetdrill/exports.map
$(BUILD)/lib/librill-packetdrill.so: private library_needs = -pthread -lpcap
# The object that rill-run puts in front of libc: a program's `read` is rill_posix_read, and what ours wants of the host's is
# rill_real_read (drivers/preload), for each name that <rill/posix.h> gives another.
preload_obj := $(call objects,drivers/preload/*.c)
$(BUILD)/preload/names: drivers/include/rill/posix.h
	@mkdir -p $(@D)
	sed -n 's/^#define \([a-z0-9_]*\)\((\.\.\.)\)\{0,1\} \(rill_posix_[a-z0-9_]*\).*/\3 \1\n\1 rill_real_\1/p' $< >$@
$(BUILD)/preload/whole.o: $(BUILD)/lib/librill-host.whole.o $(preload_obj) $(BUILD)/lib/librill.o
	@mkdir -p $(@D)
	$(LD) -r -o $@ $^
# The drivers' names, which drivers/preload knows, too, and no program is to see.
$(BUILD)/preload/inner: $(BUILD)/lib/librill-host.whole.o
	@mkdir -p $(@D)
	$(NM) --defined-only --extern-only --format=just-symbols $< | grep -v '^rill_' >$@
$(BUILD)/preload/renamed.o: $(BUILD)/preload/whole.o $(BUILD)/preload/names $(BUILD)/preload/inner
	$(OBJCOPY) --redefine-syms=$(BUILD)/preload/names --localize-symbols=$(BUILD)/preload/inner $< $@
$(BUILD)/lib/librill-preload.so: $(BUILD)/preload/renamed.o tools/install/preload.map
	$(link) -shared -Wl,--version-script=tools/install/preload.map $(no_undefined) -o $@ $< -pthread -lpcap $(LDLIBS)
exports = tools/install/exports.map
$(BUILD)/lib/%.so: tools/install/exports.map
	@mkdir -p $(@D)
	$(link) -shared -Wl,-soname,$(@F).0 $(beside) -Wl,--version-script=$(exports) $(no_undefined) -o $@ \
	    $(filter %.o %.so %.a,$^) $(library_needs) $(LDLIBS)
	ln -sf $(@F) $@.0
no_undefined = $(if $(SAN),,-Wl,-z,defs)
# Those that it needs of ours lie beside it.
beside = $(if $(filter %.so,$^),'-Wl$(,)-rpath$(,)$$ORIGIN')
, := ,

# ---- Programs: they see only what is installed ----
$(BIN)/rill-get: $(BUILD)/http.a
$(BIN)/rill-get: program_needs = -lhttp_parser
$(BIN)/rill-httpd: $(BUILD)/httpd.a $(BUILD)/lib/librill-coroutine.a
$(BIN)/rill-httpd: program_needs = -lhttp_parser -lboost_context -pthread
$(BIN)/rill-echo: $(BUILD)/lib/librill-coroutine.a
$(BIN)/rill-echo: program_needs = -lboost_context
$(BIN)/rill-run: | $(BUILD)/lib/librill-preload.so
$(BIN)/rill-%: $(BUILD)/apps/%.o $(BUILD)/lib/librill-host.a $(BUILD)/lib/librill.a
	@mkdir -p $(@D)
	$(link) -o $@ $(filter %.o,$^) $(filter %/http.a %/httpd.a,$^) $(filter %/librill-coroutine.a,$^) $(filter %/librill-host.a,$^) $(filter %/librill.a,$^) \
	    -lpcap $(program_needs) $(LDLIBS)

$(BIN)/rill-ladder: $(BUILD)/tools/ladder/main.o $(BUILD)/ladder.a $(BUILD)/drivers.a $(BUILD)/stack.a
	@mkdir -p $(@D)
	$(link) -o $@ $^ -lpcap $(LDLIBS)

$(BIN)/rill-graph: $(BUILD)/tools/graph/main.o $(BUILD)/graph.a $(BUILD)/ladder.a $(BUILD)/drivers.a $(BUILD)/stack.a
	@mkdir -p $(@D)
	$(link) -o $@ $^ -lpcap $(LDLIBS)

$(BIN)/rill-replay: $(BUILD)/tools/replay/main.o $(BUILD)/replay.a $(BUILD)/simulator.a $(BUILD)/ladder.a $(BUILD)/drivers.a $(BUILD)/stack.a
	@mkdir -p $(@D)
	$(link) -o $@ $^ -lpcap $(LDLIBS)

$(BIN)/rill-script: $(BUILD)/tools/script/main.o $(BUILD)/script.a $(BUILD)/drivers.a $(BUILD)/stack.a
	@mkdir -p $(@D)
	$(link) -o $@ $^ -lpcap $(LDLIBS)

$(BIN)/rill-ss: $(BUILD)/tools/ss/main.o $(BUILD)/ss.a $(BUILD)/drivers.a $(BUILD)/stack.a
	@mkdir -p $(@D)
	$(link) -o $@ $^ -lpcap $(LDLIBS)

$(BIN)/rill-states: $(BUILD)/tools/states/main.o $(BUILD)/states.a $(BUILD)/drivers.a $(BUILD)/stack.a
	@mkdir -p $(@D)
	$(link) -o $@ $^ $(LDLIBS)

# The program that gdb watches in the tour: it is of no other use, so it is not installed.
tour_ends = $(BUILD)/tour/ends
$(tour_ends): $(BUILD)/tools/tour/ends.o $(BUILD)/support.a $(BUILD)/simulator.a $(BUILD)/drivers.a $(BUILD)/stack.a
	@mkdir -p $(@D)
	$(link) -o $@ $^ -lpcap $(LDLIBS)

$(BIN)/rill-sim: $(BUILD)/tools/sim/main.o $(BUILD)/sim.a $(BUILD)/simulator.a $(BUILD)/drivers.a $(BUILD)/ladder.a $(BUILD)/stack.a
	@mkdir -p $(@D)
	$(link) -o $@ $^ -lpcap $(LDLIBS)

# Tools on the installed stack, of which they see every name: it does the same.
shipped = $(addprefix $(BUILD)/shipped/rill-,script sim)
$(BUILD)/shipped/rill-script: $(BUILD)/script.a
$(BUILD)/shipped/rill-sim: $(BUILD)/sim.a $(BUILD)/simulator.a
$(BUILD)/shipped/rill-%: $(BUILD)/tools/%/main.o $(BUILD)/drivers.a $(BUILD)/ladder.a $(BUILD)/lib/librill.whole.o
	@mkdir -p $(@D)
	$(link) -o $@ $(filter %/main.o,$^) $(filter %/script.a %/sim.a,$^) $(filter %/simulator.a,$^) $(BUILD)/drivers.a $(BUILD)/ladder.a \
	    $(BUILD)/lib/librill.whole.o -lpcap $(LDLIBS)

# ---- The bench: what is measured is what is installed ----
bench = $(addprefix $(BUILD)/bench/,engine load ping null server kernel $(if $(wildcard /usr/include/lwip/lwipopts.h),lwip))
$(BUILD)/bench/engine: $(BUILD)/tools/bench/engine_idle.o $(BUILD)/lib/librill.a
$(BUILD)/bench/load: $(addprefix $(BUILD)/tools/bench/,load_bulk.o load_connections.o)
$(BUILD)/bench/null: $(BUILD)/tools/bench/tap.o
$(BUILD)/bench/server: $(BUILD)/lib/librill-host.a $(BUILD)/lib/librill.a
$(BUILD)/bench/server: private bench_needs = -lpcap
# The same server on the kernel's sockets.
$(BUILD)/bench/kernel: $(BUILD)/tools/bench/server.o $(BUILD)/tests/interop/kernel_host.o
	@mkdir -p $(@D)
	$(link) -o $@ $^ -pthread $(LDLIBS)
$(BUILD)/tools/bench/lwip.o: private INCLUDE += -isystem /usr/include/lwip
$(BUILD)/bench/lwip: $(BUILD)/tools/bench/tap.o
$(BUILD)/bench/lwip: private bench_needs = -llwip
$(BUILD)/bench/%: $(BUILD)/tools/bench/%.o
	@mkdir -p $(@D)
	$(link) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(bench_needs) $(LDLIBS)

# About five minutes, and docs/performance.md; bench-quick: under two, without the 100,000 connections and callgrind.
bench bench-quick:
	@tools/deps bench || [ "$(NO_INSTALL)" = 1 ]
	@$(again) $(bench)
	@BENCH=$(abspath $(BUILD))/bench tools/in-namespace tools/bench/run $(if $(filter %-quick,$@),--quick)

# Instructions under callgrind against tools/bench/budget: of the engine, and of an ACK or a SACK among very many segments.
instructions: $(BUILD)/bench/engine $(BUILD)/bench/storm
	@BENCH=$(abspath $(BUILD))/bench tools/bench/instructions

# Ten thousand clients on the host's own TCP.
load = $(BUILD)/c10k/load
$(load): $(call objects,tools/c10k/*.c)
	@mkdir -p $(@D)
	$(link) -o $@ $^ -lhttp_parser $(LDLIBS)

# ---- Test programs: they see everything ----
test_archives = $(BUILD)/support.a $(BUILD)/http.a $(BUILD)/graph.a $(BUILD)/replay.a $(BUILD)/ladder.a $(BUILD)/script.a \
    $(BUILD)/ss.a $(BUILD)/states.a $(BUILD)/simulator.a $(BUILD)/coroutine.a $(BUILD)/drivers.a $(BUILD)/stack.a

$(tests) $(scenarios): $(BUILD)/%: $(BUILD)/tests/%.o $(test_archives)
	@mkdir -p $(@D)
	$(link) -o $@ $(filter %.o,$^) $(filter %.a,$^) -lcunit -lpcap -lhttp_parser -lm -lboost_context $(LDLIBS)

# It is loaded while the test runs.
$(BUILD)/unit/packetdrill_test: | $(BUILD)/lib/librill-packetdrill.so

ifeq ($(FLAVOUR),fuzz)
fuzz_main = -fsanitize=fuzzer
else
fuzz_main = $(BUILD)/tests/fuzz/driver.o
endif
$(fuzzers): $(BUILD)/%: $(BUILD)/tests/%.o $(BUILD)/tests/fuzz/driver.o $(test_archives)
	@mkdir -p $(@D)
	$(link) -o $@ $< $(fuzz_main) $(filter-out %/support.a,$(filter %.a,$^)) -lpcap -lhttp_parser $(LDLIBS)

# ---- Checking ----
# Another run of make with the same variables; its job slots are its own.
again = env -u MAKEFLAGS -u MFLAGS make -s -j2 $(MAKEOVERRIDES)
stages = test shipped scenarios 'FLAVOUR=asan test' 'FLAVOUR=tsan threads' valgrind instructions tidy clang sim sim-compilers cross 'PLANTED=3 planted-bugs' broken-rules interop installcheck
fuzz_runs = $(foreach f,$(fuzzers),'$(f) -n 2000 $(wildcard tests/fuzz/corpus/$(notdir $(f))/*)')
# The scripts together take every arrow of the state diagram that rill takes at all.
arrows = $(BUILD)/arrows
scripts = rm -f $(arrows); $(BIN)/rill-script --quiet --states $(arrows) tests/script/*/*.pkt
# Again on a device that cuts superframes, but for those that pace: there a burst is one frame, and half of it makes up for a pause, not
# half a segment.
paced = $(addprefix %/,max_pacing_rate.pkt user_time_out_pace.pkt user_time_out_pace_window.pkt)
offload_run = '$(BIN)/rill-script --quiet --offload $(filter-out $(paced),$(wildcard tests/script/*/*.pkt))'
# Seeds that have failed once.
seeds_run = '$(BIN)/rill-sim --file tests/sim/seeds --captures $(BUILD)/sim'
script_run = '$(scripts) && $(BIN)/rill-states --taken $(arrows) --dark'

# Needs no root: unit tests, conversations on the simulated cable, captures, fuzz targets on their corpus and some noise.
test: tests $(BIN)/rill-script $(BIN)/rill-states $(BIN)/rill-sim
	@tests/run -j2 --limit 120 $(tests) $(script_run) $(offload_run) $(seeds_run) $(fuzz_runs)

# Paths and flows of the field's papers, and what is expected of them: docs/scenarios.md.
scenarios: $(scenarios)
	@tests/run -j2 --limit 240 $(scenarios)

docs/scenarios.md: $(scenarios) FORCE
	@{ sed '/^## /,$$d' $@; for it in $(scenarios); do $$it | grep -E '^(##|[|]|$$)' | cat -s; done; } | cat -s >build/$(@F) && mv build/$(@F) $@

# make sim SEEDS=100000 FIRST=1: so many seeds of each SCENARIO, on all cores. Without FIRST others each time.
SEEDS ?= 2000
SCENARIO ?= mixed rare corners
sim: $(BIN)/rill-sim
	@for it in $(SCENARIO); do $(BIN)/rill-sim --seeds $(SEEDS) $(if $(FIRST),--first $(FIRST)) --scenario $$it --captures $(BUILD)/sim || exit; done

# A seed is the same run with every compiler.
sim-compilers: $(BIN)/rill-sim
	@command -v clang >/dev/null || { echo 'SKIP sim-compilers: clang is not installed'; echo '0 passed, 0 failed'; exit; }; \
	$(again) BUILD=build/clang CC=clang CFLAGS='-O1 -Werror' build/clang/bin/rill-sim >/dev/null && \
	tests/sim/same_trace $(BIN)/rill-sim build/clang/bin/rill-sim

# Other machines, under qemu: the packet scripts on a 32-bit big-endian PowerPC; and seeds, which give the same runs there and on a 32-bit
# ARM as here. Left out is listener.pkt, which compares a struct with bytes in this machine's order. Only the headers of libpcap are needed,
# since nothing calls it. PowerPC takes 64-bit atomics from libatomic.
crossed = PGO= LTO= SAN= FLAVOUR=release CPPFLAGS='-idirafter /usr/include' CFLAGS='-O1 -Werror' LDLIBS=-latomic \
    LDFLAGS='-static -Lbuild/cross -Wl,--unresolved-symbols=ignore-all'
cross: $(BIN)/rill-sim
	@for it in powerpc-linux-gnu-gcc qemu-ppc arm-linux-gnueabihf-gcc qemu-arm; do command -v $$it >/dev/null || \
	    { echo "SKIP cross: $$it is not installed (tools/deps cross)"; echo '0 passed, 0 failed'; exit; }; done; \
	mkdir -p build/cross && ar rcs build/cross/libpcap.a && \
	$(again) $(crossed) CC=powerpc-linux-gnu-gcc BUILD=build/cross/powerpc $(addprefix build/cross/powerpc/bin/rill-,script sim) >/dev/null && \
	$(again) $(crossed) CC=arm-linux-gnueabihf-gcc BUILD=build/cross/arm build/cross/arm/bin/rill-sim build/cross/arm/lib/librill.a >/dev/null && \
	qemu-ppc build/cross/powerpc/bin/rill-script --quiet $(filter-out %/info/listener.pkt,$(wildcard tests/script/*/*.pkt)) && \
	tests/sim/same_trace $(BIN)/rill-sim 'qemu-ppc build/cross/powerpc/bin/rill-sim' && \
	tests/sim/same_trace $(BIN)/rill-sim 'qemu-arm build/cross/arm/bin/rill-sim'

# What is installed is compiled in a way of its own, by what a training run has shown: the scripts pass there too, and a seed is the same run.
shipped: $(shipped) $(BIN)/rill-sim
	@$(BUILD)/shipped/rill-script --quiet tests/script/*/*.pkt && tests/sim/same_trace $(BIN)/rill-sim $(BUILD)/shipped/rill-sim

# What threads and coroutines do, for ThreadSanitizer: FLAVOUR=tsan.
threads: $(addprefix $(BUILD)/unit/,threads_test coroutine_test coroutine_stack_test exchange_test)
	@tests/run --limit 120 $^

valgrind: tests
	@tests/run -j2 --limit 240 --wrap 'tests/valgrind' $(filter $(BUILD)/unit/%,$(tests))

# Real clients, the host kernel, network namespaces of its own.
interop: programs $(bench) $(load) $(addprefix $(BUILD)/unit/,epoll_test epoll_sets_test poll_test hosted_test ip6_socket_test multicast_test refusal_test)
	@$(again) FLAVOUR=debug programs build/debug/tour/ends
	@BIN=$(abspath $(BIN)) BENCH=$(abspath $(BUILD))/bench LOAD=$(abspath $(load)) TESTS=$(abspath $(BUILD))/unit tests/run -j2 --limit 240 $(sort $(wildcard tests/interop/*_test.sh))

# Warnings that gcc does not have; nothing is run.
clang:
	@command -v clang >/dev/null || { echo 'SKIP clang: not installed'; echo '0 passed, 0 failed'; exit; }; \
	$(again) BUILD=build/clang CC=clang CFLAGS='-O1 -Werror' $(patsubst $(BUILD)/%,build/clang/%,$(all_obj)) >/dev/null && \
	echo 'clang: 1 passed, 0 failed'
all_obj = $(stack_obj) $(driver_obj) $(coroutine_obj) $(simulator_obj) $(http_obj) $(httpd_obj) $(recording_obj) $(ladder_obj) $(replay_obj) $(script_obj) \
    $(graph_obj) $(packetdrill_obj) \
    $(ss_obj) $(states_obj) $(sim_obj) $(support_obj) \
    $(call objects,apps/*.c $(examples_c) tools/*/main.c tools/tour/*.c $(bench_c) tools/c10k/*.c tests/*/*.c)
# The headers of lwIP, libevent and libuv may be absent.
bench_c = $(filter-out $(if $(wildcard /usr/include/lwip/lwipopts.h),,%/lwip.c),$(wildcard tools/bench/*.c))
examples_c = $(filter-out $(if $(wildcard /usr/include/event2/event.h),,%/libevent_loop.c) $(if $(wildcard /usr/include/uv.h),,%/libuv_loop.c), \
    $(wildcard examples/*.c))

# What a switch between coroutines costs, in nanoseconds.
bench-switch: $(BUILD)/bench/switch
	@$<
$(BUILD)/bench/switch: $(BUILD)/tests/bench/switch.o $(BUILD)/coroutine.a $(BUILD)/stack.a
	@mkdir -p $(@D)
	$(link) -o $@ $^ -lboost_context $(LDLIBS)

# What one acknowledgement costs where very many segments are out.
$(BUILD)/bench/storm: $(BUILD)/tests/bench/storm.o $(BUILD)/support.a $(BUILD)/drivers.a $(BUILD)/stack.a
	@mkdir -p $(@D)
	$(link) -o $@ $^ -lcunit -lpcap $(LDLIBS)

# It asks the libraries for their names and the programs for --help alone: for that they are made the quick way. installcheck asks
# those that are installed.
tidy:
	@$(again) BUILD=build/tidy LTO= CFLAGS=-O0 libraries programs >/dev/null
	@tools/tidy build/tidy

# Which sentence of RFC 9293 is obeyed where, and by which tests it is watched; fails while a MUST is open.
conformance:
	@tools/conformance

# Do the scripts fail when the rule that they guard is broken? Breaks one line after the other in a copy of the sources.
broken-rules:
	@tools/broken_rules build

docs/broken-rules.md: FORCE
	@{ sed '/^| rule/,$$d' $@; tools/broken_rules build | sed '/^$$/,$$d'; } >build/$(@F) && ! grep FAILED build/$(@F) && \
	mv build/$(@F) $@

# Does the simulator find bugs that were planted on purpose? PLANTED: only so many of the list.
planted-bugs:
	@tools/planted_bugs build $(PLANTED)

docs/planted-bugs.md: FORCE
	@{ sed '/^| bug/,$$d' $@; tools/planted_bugs build | sed '/^$$/,$$d'; } >build/$(@F) && ! grep FAILED build/$(@F) && \
	mv build/$(@F) $@

# The state diagram with the arrows that the scripts take, counted.
docs/states.svg: $(BIN)/rill-script $(BIN)/rill-states FORCE
	@$(scripts)
	$(BIN)/rill-states --taken $(arrows) --svg $@

# The picture in docs/graphs.md.
docs/time-sequence.svg: $(BIN)/rill-graph FORCE
	@$(BIN)/rill-graph --svg --plot time-sequence -o build/docs tests/replay/captures/gen--s02-upload-sack-loss_c.pcap
	@mv build/docs-a2b-time-sequence.svg $@

check:
	@$(have_deps)
	@env -u MAKEFLAGS -u MFLAGS tests/run --show --limit 600 --wrap 'make -s -j2 $(MAKEOVERRIDES)' $(stages)

# make fuzz FUZZ=tcp_header SECONDS=60: libFuzzer. An input that fails goes to tests/fuzz/corpus, which make test replays.
FUZZ ?= NAME
SECONDS ?= 60
fuzz_corpus = tests/fuzz/corpus/$(FUZZ)_fuzz
fuzz:
	@$(again) FLAVOUR=fuzz build/fuzz/fuzz/$(FUZZ)_fuzz
	@mkdir -p build/fuzz/corpus/$(FUZZ)_fuzz $(fuzz_corpus)
	build/fuzz/fuzz/$(FUZZ)_fuzz -max_total_time=$(SECONDS) -max_len=2048 -artifact_prefix=$(fuzz_corpus)/ \
	    build/fuzz/corpus/$(FUZZ)_fuzz $(fuzz_corpus)

format:
	clang-format -i $(c_files)
c_files = $(wildcard stack/*/*.[ch] stack/include/rill/*.h drivers/*.[ch] drivers/*/*.[ch] drivers/include/rill/*.h \
    simulator/*.[ch] simulator/include/rill/*.h apps/*.[ch] apps/*/*.[ch] examples/*.c tools/*/*.[ch] tests/*.c tests/*/*.[ch])

# One entry for each C file, as clangd and clang-tidy read it.
compile_commands.json: Makefile $(c_files)
	@command=$$(echo '$(compile)' | sed 's/["\\]/\\&/g'); comma='['; for f in $(filter %.c,$(c_files)); do \
	    printf '%s\n{"directory": "%s", "file": "%s", "command": "%s -c %s"}' \
	        "$$comma" '$(CURDIR)' $$f "$$command" $$f; comma=','; done >$@; echo ']' >>$@

# ---- Seeing it work ----
deps:
	@tools/deps

# With NO_INSTALL=1 things go on with what is there.
have_deps = tools/deps || [ "$(NO_INSTALL)" = 1 ]

demo:
	@$(have_deps)
	@[ -x $(BIN)/rill-httpd ] || echo 'Building rill: a minute or two.'
	@$(again) programs >/dev/null
	@BIN=$(abspath $(BIN)) tools/demo

# ARGS: options of rill-httpd, such as --address.
run: programs
	@BIN=$(abspath $(BIN)) tools/serve $(ARGS)

# Ten thousand connections, and a hundred thousand, for each model of rill-httpd: a few minutes; a million for one of them, if there
# are 6 GB. Each writes its part of docs/c10k.md.
c10k c100k c1m: programs $(load)
	@BIN=$(abspath $(BIN)) LOAD=$(abspath $(load)) tools/c10k/page $@

# At gdb's prompt, with a program that was built without optimization and the commands of tools/gdb/rill.py.
gdb:
	@[ -x build/debug/bin/rill-httpd ] || echo 'Building rill with -O0: a minute or two.'
	@$(again) FLAVOUR=debug programs >/dev/null
	@gdb -q -x tools/gdb/rill.py --args build/debug/bin/rill-httpd $(or $(ARGS),.)

# A guided tour of TCP: both ends in one process, under gdb. SCENE=NAME: one scene of it.
tour:
	@{ $(have_deps); } >&2
	@$(again) FLAVOUR=debug build/debug/tour/ends >&2
	@tools/tour/start build/debug/tour/ends $(SCENE)

# The same to be read without it; a test compares the two.
docs/tour.txt: FORCE
	@$(again) FLAVOUR=debug build/debug/tour/ends >/dev/null
	@tools/tour/start build/debug/tour/ends </dev/null >build/$(@F) && mv build/$(@F) $@

# The calls of a server and of a client, and the segments that each causes: from a real run, which a test repeats.
docs/calls.md: libraries FORCE
	@LIB=$(BUILD)/lib tools/in-namespace tools/calls/show </dev/null >build/$(@F) && mv build/$(@F) $@

# ---- Installing ----
install_to = $(DESTDIR)$(PREFIX)
headers := $(wildcard stack/include/rill/*.h drivers/include/rill/*.h simulator/include/rill/*.h)
packages = rill rill-host rill-coroutine rill-sim
# share/man/man1/rill-httpd.1
pages := $(foreach page,$(wildcard docs/man/*.[1-8]),share/man/man$(patsubst .%,%,$(suffix $(page)))/$(notdir $(page)))
installed = $(addprefix bin/,$(notdir $(programs))) $(addprefix lib/,$(notdir $(libraries))) \
    $(addsuffix .so.0,$(addprefix lib/lib,$(packages))) $(addsuffix .pc,$(addprefix lib/pkgconfig/,$(packages))) \
    $(addprefix include/rill/,$(notdir $(headers))) $(pages) $(addsuffix -gdb.py,$(addprefix $(auto_load)/,$(gdb_for)))
# gdb loads it with what it is named after, from the data directory of its own prefix.
auto_load = share/gdb/auto-load$(PREFIX)
gdb_for = lib/librill.so $(addprefix bin/,$(notdir $(programs)))

install: all
	install -d $(addprefix $(install_to)/,bin lib/pkgconfig include/rill)
	install -m 755 $(programs) $(install_to)/bin
	install -m 644 $(libraries) $(install_to)/lib
	for it in $(packages); do ln -sf lib$$it.so $(install_to)/lib/lib$$it.so.0; done
	install -m 644 $(headers) $(install_to)/include/rill
	install -d $(addprefix $(install_to)/$(auto_load)/,bin lib)
	for it in $(pages); do install -D -m 644 docs/man/$${it##*/} $(install_to)/$$it; done
	for it in $(gdb_for); do install -m 644 tools/gdb/rill.py $(install_to)/$(auto_load)/$$it-gdb.py; done
	for pc in $(packages); do sed 's,@PREFIX@,$(PREFIX),; s,@VERSION@,$(VERSION),' tools/install/$$pc.pc.in \
	    >$(install_to)/lib/pkgconfig/$$pc.pc; done

uninstall:
	rm -f $(addprefix $(install_to)/,$(installed))
	-rmdir $(install_to)/include/rill 2>/dev/null

installcheck: all
	@CC='$(CC)' MAKE='$(again)' tests/installcheck

clean:
	rm -rf build compile_commands.json

help:
	@sed -n '1,5p' Makefile | cut -c3-
	@echo "targets: all programs libraries demo run gdb tour test shipped scenarios check conformance broken-rules planted-bugs valgrind instructions interop clang cross tidy format fuzz deps"
	@echo "         bench bench-quick c10k c100k c1m"
	@echo "         install installcheck uninstall compile_commands.json clean"

.PHONY: shipped cross c10k c100k c1m bench bench-quick instructions bench-switch threads all programs libraries tests sim sim-compilers scenarios conformance broken-rules planted-bugs test valgrind interop clang tidy check fuzz format deps demo run gdb tour
.PHONY: install uninstall installcheck clean help FORCE
-include $(patsubst %.o,%.d,$(all_obj) $(training_obj) $(trained_obj))
