# The commands of the project; `make help` lists them.

GO      ?= go
BIN     := bin/spof
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X main.version=$(VERSION)
SOURCES := $(shell find . -name '*.go' -not -name '*_test.go' -not -path './out/*') $(shell find . -name '*.yaml' -o -name '*.tmpl' -o -name '*.css') go.mod go.sum
DEMO    := single,active-passive,active-active
OUT     ?= out/demo

# A module of its own: the tests with the receiver of the OpenTelemetry Collector.
COLLECTOR := reports/telemetry/collectortest

# The flags of make build: what that compiled, the commands with them do not compile again.
STATIC := CGO_ENABLED=0 GOFLAGS='$(strip $(shell $(GO) env GOFLAGS) -trimpath)'

.PHONY: help build test examples bench lint fuzz docs deps demo clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: $(BIN) ## build the static program bin/spof

$(BIN): $(SOURCES)
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./cmd/spof

test: build ## run all tests; the container suites need a container engine
	@! $(BIN) doctor 2>/dev/null | grep -q 'state *none answers' || \
		if [ "$$CI" = true ]; then echo "no container engine answers: under CI=true the container suites must run"; exit 1; \
		else echo "no container engine answers: the container suites are skipped (under CI=true this fails)"; fi
	SPOF_BINARY=$(abspath $(BIN)) $(GO) test -race -timeout 15m -p 2 ./sim ./...
	$(STATIC) $(GO) test ./reliability/lifetime # with the specs that the race detector leaves out
	$(MAKE) examples
	cd $(COLLECTOR) && SPOF_BINARY=$(abspath $(BIN)) $(STATIC) $(GO) test -timeout 15m ./...

examples: ## run the tests of examples, which use spof as a Go package
	cd examples && $(STATIC) $(GO) test -count 1 -timeout 15m -p 1 ./...

bench: build ## measure the performance targets, compared with other tools
	SPOF_BINARY=$(abspath $(BIN)) $(GO) test -run '^$$' -bench . -benchtime 3x -timeout 30m -p 1 ./...

lint: ## check with vet, gofmt, staticcheck and tidy modules
	$(STATIC) $(GO) vet ./...
	@test -z "$$(gofmt -l .)" || { echo "not gofmt-ed:"; gofmt -l .; exit 1; }
	$(STATIC) $(GO) tool staticcheck ./...
	$(GO) mod tidy -diff
	cd examples && $(STATIC) $(GO) vet ./... && $(GO) mod tidy -diff
	cd $(COLLECTOR) && $(STATIC) $(GO) vet ./... && $(GO) mod tidy -diff

fuzz: ## fuzz every parser for 20 s and check its executions per second
	@GO=$(GO) scripts/fuzz

docs: ## write the generated tables and outputs of docs/
	UPDATE=1 $(GO) test ./cmd/spof -count 1 -run TestCommand -ginkgo.focus 'up to date'

deps: build ## install the packages for real engines (Debian, Ubuntu; root or sudo); SPOF_INSTALL=no installs nothing
	@scripts/deps $(BIN)

demo: deps ## run the main job: power loss under load on three designs; report in out/demo
	@$(BIN) run node-death -t $(DEMO) -n 1 --seed 1 -o $(OUT) --overwrite; code=$$?; \
	test $$code -le 1 || exit $$code; \
	echo "exit code $$code: 1 is expected: the single design has no redundancy"

clean: build ## remove the remains of runs, and the build
	-$(BIN) clean
	rm -rf bin out
