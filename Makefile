# A thin front for people; the build itself is CMakeLists.txt. On a bare Debian 12 each target installs
# the packages it needs (deploy/apt).
#   make demo      the whole thing on real data               (KEEP=1 leaves it running)
#   make test      every test: gcc, clang with sanitizers, a short fuzz
#   make run       nats-server and the five daemons, in the foreground, under RUN_DIR
#   make lint      format, scripts, contract                  (make format repairs the format)
#   make quality   how well levels, plans and impact are estimated, against targets
#   make bench     measurements                               make fuzz: FUZZ_SECONDS of it, on all cores
#   make soak      the tests' long forms, for SOAK_SECONDS (an hour)
#   make coverage  which lines and branches the tests reach (fails below the floor that tests/coverage sets)
#   make golden    accepts how the logs of releases are read now, and what public messages look like (tests/golden)
#   make proto-image   accepts the contract as it is now for the breaking-change check
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := build
JOBS ?= $(shell nproc)
BUILD := build
RUN_DIR ?= praxis-data
FUZZ_SECONDS ?= 3600
SOAK_SECONDS ?= 3600
BUF_VERSION := 1.75.0
BUF := $(BUILD)/npm/node_modules/.bin/buf
SOURCES = $(shell find common services tests -name '*.[ch]' -not -path '*/node_modules/*')

# One tree per configuration. The sanitizer trees run no integration tests: those have run already.
DEBUG := -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG="-O1 -g" \
	-DPRAXIS_TEST_LABELS=unit
CONFIGURE_release := -DCMAKE_BUILD_TYPE=Release
CONFIGURE_asan := $(DEBUG) -DPRAXIS_SANITIZE=address,undefined -DPRAXIS_FUZZ=ON \
	-DPRAXIS_TEST_PREFIX=asan/
CONFIGURE_tsan := $(DEBUG) -DPRAXIS_SANITIZE=thread -DPRAXIS_TEST_PREFIX=tsan/ \
	-DPRAXIS_TEST_MATCH="tests/common/test_(bus|health|micro|metrics|diag|vault|store.c|store_scan|store_copy)"
TREE_release := $(BUILD)
TREE_asan := $(BUILD)/asan
TREE_tsan := $(BUILD)/tsan
CONFIGURE_coverage := -DCMAKE_BUILD_TYPE=Debug -DPRAXIS_TEST_LABELS=unit -DPRAXIS_TEST_PREFIX=coverage/ \
	-DCMAKE_C_FLAGS="--coverage -fprofile-update=atomic -DPRAXIS_COVERAGE"
TREE_coverage := $(BUILD)/coverage

.PHONY: build demo run test lint format bench quality fuzz golden soak coverage proto-image clean deps deps-test deps-lint
.PHONY: configure-release configure-asan configure-tsan configure-coverage

deps:
	@deploy/apt/install build
deps-test:
	@deploy/apt/install build test
deps-lint:
	@deploy/apt/install lint

# Quiet unless it fails: what CMake found is of interest only then.
configure-release: deps
configure-asan configure-tsan configure-coverage: deps-test
configure-release configure-asan configure-tsan configure-coverage: configure-%:
	@mkdir -p $(TREE_$*)
	@cmake -S . -B $(TREE_$*) $(CONFIGURE_$*) > $(TREE_$*)/configure.log 2>&1 || \
		{ cat $(TREE_$*)/configure.log; exit 1; }

build: configure-release
	cmake --build $(BUILD) -j $(JOBS)

demo: configure-release
	@echo "praxis: building"
	@cmake --build $(BUILD) -j $(JOBS) --target programs > $(BUILD)/build.log 2>&1 || \
		{ cat $(BUILD)/build.log; exit 1; }
	@$(BUILD)/praxis demo $(if $(KEEP),--keep)

run: configure-release
	cmake --build $(BUILD) -j $(JOBS) --target programs
	$(BUILD)/praxis run --dir $(RUN_DIR)

# One ctest over the three trees, so that one summary at the end says it all; one more at a time than there are
# processors, as many wait for a server more than they work.
test: configure-release configure-asan configure-tsan
	cmake --build $(BUILD) -j $(JOBS)
	cmake --build $(BUILD)/asan -j $(JOBS) --target tests programs
	cmake --build $(BUILD)/tsan -j $(JOBS) --target tests
	@mkdir -p $(BUILD)/all
	@echo 'subdirs("$(CURDIR)/$(BUILD)" "$(CURDIR)/$(BUILD)/asan" "$(CURDIR)/$(BUILD)/tsan")' \
		> $(BUILD)/all/CTestTestfile.cmake
	ctest --test-dir $(BUILD)/all -j $$(($(JOBS) + 1)) --output-on-failure --no-tests=error

$(BUF):
	@mkdir -p $(BUILD)/npm
	npm install --prefix $(BUILD)/npm --no-save --no-audit --no-fund --loglevel=error \
		@bufbuild/buf@$(BUF_VERSION)

lint: deps-lint
	@$(MAKE) $(BUF)
	tests/lint $(BUF)

format: deps-lint
	@clang-format -i $(SOURCES)

bench: configure-release
	cmake --build $(BUILD) -j $(JOBS)
	tests/bench/run $(BUILD)

quality: configure-release
	cmake --build $(BUILD) -j $(JOBS) --target quality
	$(BUILD)/tests/quality/quality $(QUALITY)

fuzz: configure-asan
	cmake --build $(BUILD)/asan -j $(JOBS) --target tests programs
	tests/fuzz/run $(BUILD)/asan/fuzz $(FUZZ_SECONDS) $(JOBS)

# Of the unit tests and the simulator; those with real processes would add to it.
coverage: configure-coverage
	cmake --build $(BUILD)/coverage -j $(JOBS) --target tests
	find $(BUILD)/coverage -name '*.gcda' -delete
	-ctest --test-dir $(BUILD)/coverage -j $(JOBS) --output-on-failure -E tidy
	tests/coverage $(BUILD)/coverage

golden: configure-release
	cmake --build $(BUILD) -j $(JOBS) --target golden
	$(BUILD)/tests/golden/golden --write tests/golden

soak: configure-release deps-test
	cmake --build $(BUILD) -j $(JOBS)
	tests/soak/run $(BUILD) $(SOAK_SECONDS)

proto-image: deps-lint
	@$(MAKE) $(BUF)
	$(BUF) build --exclude-source-info -o proto/image.binpb

clean:
	rm -rf $(BUILD)
