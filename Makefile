# bufeo's tasks. `make help` lists them. All of them need Go and nothing else but what test/setup.sh sees to; what is
# downloaded is kept outside the checkout, where Go keeps its modules and in ${XDG_CACHE_HOME:-~/.cache}/bufeo.

GO       ?= go
FUZZTIME ?= 1m
# What `make race` runs: where goroutines share memory. RACE=./... runs everything.
RACE     ?= ./internal/engine/... ./internal/enginetest/... ./internal/store/... ./internal/gateway/... ./internal/http1/...
# How long `make meta` (10m) and `make soak` (30m) run.
FOR      ?=
# What else the tests of `make meta` are given: META="-seed 1".
META     ?=
# What else `make soak` is given: SOAK="-csv samples.csv".
SOAK     ?=
# A package that hangs fails after this long instead of hanging the run.
TIMEOUT  ?= 10m
GOVULN   ?= golang.org/x/vuln/cmd/govulncheck@v1.9.0
GOLANGCI ?= github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

BIN := $(CURDIR)/.build/bufeo
# The modules besides the root: what only tests need, and what only some users of package sqs want to depend on.
MODULES := $(dir $(wildcard test/go.mod test/*/go.mod sqs/*/go.mod))
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
# Suites of clients in other runtimes, one executable each.
RUNTIMES := $(wildcard test/compat/runtimes/*/run)
# What `make selftest` plants: see internal/engine/fault.go.
FAULTS := $(filter-out none,$(patsubst fault_%.go,%,$(notdir $(wildcard internal/engine/fault_*.go internal/store/fault_*.go))))
# Those that a kill shows, and with them what `make crash` is proved by; a missing sync shows when the power is cut.
KILLED := answer_before_sync not_synced dead_letter_stays dedup_in_memory delete_not_logged lock_forgotten visibility_not_logged
KILLS  ?= 200
# What the suites called, which docs/compat.md must agree with; compat-doc sets DOC to -rewrite.
RECORDS := $(CURDIR)/.build/records
DOC :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the tasks
	@awk 'BEGIN { FS = ":.*## " } \
		/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: build
build: ## Build the binary into .build/bufeo
	$(GO) build -o $(BIN) ./cmd/bufeo

.PHONY: setup
setup: ## Install what the tests need, or say what is missing
	sh test/setup.sh

# The order is from quick to slow. Nothing is skipped: what cannot run fails.
.PHONY: test
test: setup unit race model crash-short soak-short clients ## Run all tests; sets up what they need

.PHONY: unit
unit: setup ## Run the Go tests of all modules, real clients excepted
	BUFEO_TEST_AWS=$$(test/compat/python/venv.sh awscli)/bin/aws $(GO) test -timeout $(TIMEOUT) ./...
	@set -e; for module in $(filter-out test/compat/,$(MODULES)); do \
		echo "cd $$module && $(GO) test ./..."; (cd $$module && $(GO) test -timeout $(TIMEOUT) ./...); \
	done

.PHONY: race
race: ## Run the tests of engine, store and gateway with the race detector (RACE=… for others)
	CGO_ENABLED=1 $(GO) test -race -timeout $(TIMEOUT) $(RACE)

.PHONY: model
model: ## Compare the engine with its naive model for a minute, from seed 1 on
	$(GO) test -count=1 -timeout $(TIMEOUT) -run TestRandom ./internal/enginetest -from 1 -for 1m $(META)

.PHONY: meta
meta: ## The same with random seeds, for FOR (10m), or one seed: META="-seed 1"
	$(GO) test -v -count=1 -timeout 0 -run TestRandom ./internal/enginetest -for $(or $(FOR),10m) $(META)

# Each fault must be found by a comparison that fails, with a seed to run it again, not by a hang.
.PHONY: selftest
selftest: ## Plant faults and demand that the model finds each within a minute, and make crash those that it can
	@set -e; mkdir -p .build; for fault in $(FAULTS); do \
		$(GO) test -c -tags fault_$$fault -o .build/enginetest ./internal/enginetest; \
		if .build/enginetest -test.run TestRandom -test.timeout 90s -for 1m >.build/fault.log 2>&1 || ! grep 'run it again' .build/fault.log >.build/found.log; \
		then cat .build/fault.log; echo "$$fault was not found"; exit 1; fi; \
		echo "$$fault:$$(sed 's/.*: after/ after/; s/;.*//' .build/found.log)"; \
	done
	@set -e; (cd test/crash && $(GO) build -o $(CURDIR)/.build/crash .); for fault in $(KILLED); do \
		$(GO) build -tags fault_$$fault -o .build/bufeo-fault ./cmd/bufeo; \
		if .build/crash -bufeo .build/bufeo-fault -kills 50 >.build/fault.log 2>&1 || ! grep -q '^BROKEN' .build/fault.log; \
		then tail -1 .build/fault.log; echo "$$fault was not found by kills"; exit 1; fi; \
		echo "$$fault: $$(grep -o '^kills=[0-9]*' .build/fault.log)"; \
	done

.PHONY: crash
crash: build ## Kill the server KILLS (200) times under load, and check that it keeps its word
	cd test/crash && $(GO) run . -bufeo $(BIN) -kills $(KILLS)

.PHONY: crash-short
crash-short:
	$(MAKE) crash KILLS=10

.PHONY: soak
soak: build ## Mixed traffic for FOR (30m): nothing lost; memory, latency and disk stay flat
	cd test/soak && $(GO) run . -bufeo $(BIN) -for $(or $(FOR),30m) $(SOAK)

# Judges only what does not depend on the machine: nothing lost, doubled, late or out of order.
.PHONY: soak-short
soak-short:
	$(MAKE) soak FOR=25s

.PHONY: power
power: build ## The same on a file system whose power is cut (root, Linux, ext4, loop devices)
	cd test/crash && $(GO) run . -bufeo $(BIN) -kills $(KILLS) -power

# -count=1: the suites run programs that Go's test cache knows nothing of. -parallel: they wait more than they compute.
.PHONY: clients
clients: setup build ## Run Go and Python clients against the real binary
	@rm -rf $(RECORDS)/clients
	cd test/compat && BUFEO_BIN=$(BIN) COMPAT_RECORDS=$(RECORDS)/clients $(GO) test -count=1 -parallel 4 -timeout $(TIMEOUT) ./...
	cd test/compat && BUFEO_BIN=$(BIN) COMPAT_RECORDS=$(RECORDS)/clients $(GO) test -count=1 -timeout $(TIMEOUT) -modfile=go.json.mod ./sdkv1
	cd test/compat && $(GO) run ./matrix -group clients -records $(RECORDS)/clients $(DOC)

.PHONY: compat
compat: setup build ## Run clients in JavaScript and Java against the real binary
	test/setup.sh runtimes
	@rm -rf $(RECORDS)/compat
	@set -e; for run in $(RUNTIMES); do echo "$$run"; BUFEO_BIN=$(BIN) COMPAT_RECORDS=$(RECORDS)/compat "$$run"; done
	cd test/compat && $(GO) run ./matrix -group compat -records $(RECORDS)/compat $(DOC)

.PHONY: compat-doc
compat-doc: ## Run all clients and rewrite docs/compat.md by what they called
	$(MAKE) clients compat DOC=-rewrite

.PHONY: lint
lint: fmt-check vet rules golangci cross ## Check formatting, vet, the repository's rules and all platforms

.PHONY: fmt-check
fmt-check:
	@unformatted=$$(find . -name '*.go' -not -path './.build/*' -exec gofmt -l {} +); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run gofmt -w on:"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet:
	$(GO) vet ./...
	@set -e; for module in $(MODULES); do echo "cd $$module && $(GO) vet ./..."; (cd $$module && $(GO) vet ./...); done

.PHONY: rules
rules:
	$(GO) test ./internal/lint

.PHONY: golangci
golangci: ## Run the linters of .golangci.yml
	$(GO) run $(GOLANGCI) run ./...
	@set -e; for module in test/compat/ $(filter sqs/%,$(MODULES)); do \
		echo "cd $$module && golangci-lint run"; (cd $$module && $(GO) run $(GOLANGCI) run --config $(CURDIR)/.golangci.yml ./...); \
	done

# Not a part of lint: it asks the database at vuln.go.dev, or one that GOVULNDB names, and what that says changes without a
# change here.
.PHONY: vuln
vuln: ## Look for known vulnerabilities in what is linked (needs vuln.go.dev, or GOVULNDB=…)
	@$(GO) run $(GOVULN) ./... || { echo "make vuln: see above: either something was found, or the database could not be asked" >&2; exit 1; }
	@set -e; for module in $(filter sqs/%,$(MODULES)); do \
		echo "cd $$module && govulncheck"; (cd $$module && $(GO) run $(GOVULN) ./...); \
	done

.PHONY: cross
cross: ## Build for every platform, without cgo
	@set -e; for platform in $(PLATFORMS); do echo "build $$platform"; \
		CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) build ./...; \
	done

# What is interesting is not made smaller for long, which would take most of the time. What fails is kept in testdata/fuzz, and
# is a test from then on.
.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (1m) each
	@set -e; grep -r --include='*_test.go' --exclude-dir=test --exclude-dir=.build -o '^func Fuzz[A-Za-z0-9_]*' . | sort | while IFS=: read -r file function; do \
		target=$${function#func }; echo "$$target in $$(dirname $$file)"; \
		$(GO) test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) -fuzzminimizetime=1s "$$(dirname $$file)" </dev/null; \
	done

.PHONY: bench
bench: ## Measure bufeo against a bare HTTP handler (BENCH=… for its flags)
	cd test/bench && $(GO) run . $(BENCH)

# Needs what setup.sh sees to for `make compat`, and takes half an hour. -peers=… chooses, -also name=URL adds one that runs.
.PHONY: bench-peers
bench-peers: setup ## Measure bufeo against other servers of SQS, all in one run (BENCH=… for its flags)
	test/setup.sh runtimes
	cd test/bench && $(GO) run ./peers $(BENCH)

# The short form, which is one of the tests: DEPTH="-exact -scale 0.001".
.PHONY: depth
depth: ## Check what is promised for millions of messages and 10,000 queues (DEPTH=… for its flags)
	cd test/bench && $(GO) run ./depth $(DEPTH)

# The short form, which is one of the tests: OVERLOAD="-exact -conns 300 -clients 300 -duration 2s".
.PHONY: overload
overload: ## Check memory and usefulness with 10,000 connections and with four times the load (OVERLOAD=… for its flags)
	cd test/bench && $(GO) run ./overload $(OVERLOAD)

.PHONY: bench-client
bench-client: ## Measure package sqs against the AWS SDK and gocloud.dev (BENCH=… for its flags)
	cd test/benchclient && $(GO) run . $(BENCH)

.PHONY: bench-fifo
bench-fifo: ## Compare a FIFO queue's operations with few and many messages and groups
	$(GO) test -tags bench -count=1 -v -run '^TestBenchFIFO$$' ./internal/engine

.PHONY: bench-due
bench-due: ## Compare receiving what was delayed, and is due on disk, with receiving what was not
	$(GO) test -tags bench -count=1 -v -run '^TestBenchDue$$' ./internal/engine

.PHONY: bench-fair
bench-fair: ## Compare a queue without groups with fair queues on and off
	$(GO) test -tags bench -count=1 -v -run '^TestBenchFair$$' ./internal/engine

# Needs BUFEO_SPIKE_SMALL_DISK: a folder on a file system of some 2 GiB, which it fills.
.PHONY: spike
spike: ## Load the stored format with millions of messages and a full disk
	$(GO) test -tags spike -run Spike -v ./internal/engine ./internal/store

.PHONY: golden
golden: ## Rewrite the golden files; look at the difference before you commit it
	@set -e; grep -r --include='*_test.go' --exclude-dir=test --exclude-dir=.build -l 'flag.Bool("rewrite"' . | xargs -n 1 dirname | sort -u | while read -r package; do \
		$(GO) test -count=1 "$$package" -rewrite </dev/null; \
	done
	@git --no-pager diff --stat

.PHONY: clean
clean: ## Remove what make has built
	rm -rf .build
