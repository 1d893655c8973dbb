# Bare `make` lists the targets.

LINT := .tools/bin/golangci-lint

.PHONY: help
help:
	@echo "Targets:"
	@awk -F ': ## ' '/^[a-z-]+: ## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build check format test race fuzz conformance fault cluster sim bench demo mutants clean

build: ## build bin/iotjobs
	go build -o bin/iotjobs ./cmd/iotjobs

demo: ## build, then run the main job once with a simulated fleet
demo: build
	bin/iotjobs demo

test: ## install what the tests need, check, run all tests
test: check
	scripts/test-deps.sh peers
	go test -count=1 -timeout 30m ./...

check: ## format, lint, who may import whom
	scripts/test-deps.sh linter
	$(LINT) fmt --diff
	$(LINT) run
	go test -count=1 ./internal/archtest

format: ## rewrite the files that check calls unformatted
	scripts/test-deps.sh linter
	$(LINT) fmt

race: ## all tests with the race detector (needs a C compiler)
	scripts/test-deps.sh peers
	go test -race -timeout 60m ./...

fuzz: ## every fuzz target for FUZZTIME (10s)
	FUZZTIME=$(FUZZTIME) scripts/fuzz.sh

conformance: ## real AWS clients against iotjobs
	scripts/test-deps.sh peers
	go test -count=1 -v -timeout 30m ./test/conformance/...

fault: ## kill, full disk, failing sync; ROUNDS= kills more often than 20 times
	ROUNDS=$(ROUNDS) go test -count=1 -v -timeout 24h ./test/fault/...

cluster: ## several nodes on one PostgreSQL: kills, cuts, restarts, failover
	scripts/test-deps.sh peers
	go test -count=1 -v ./test/cluster/...

sim: ## whole system on a simulated clock; SEED= repeats a run
	go test -count=1 -v ./test/sim/... $(if $(SEED),-args -seed=$(SEED))

bench: ## measure against the goals and print one table (docs/performance.md); BENCH= selects, ARGS= sizes it
	scripts/test-deps.sh peers
	go test -run '^$$' -bench '$(or $(BENCH),.)' -benchtime 1x -timeout 60m ./test/load -args $(ARGS)

mutants: ## seeded faults that the checkers must catch
	scripts/test-deps.sh peers
	go test -count=1 -run Mutant ./...

clean: ## remove build output (keeps .tools)
	rm -rf bin coverage* *.coverprofile *.prof
