# spof: the project's commands. `make help` lists them.

GO      ?= go
BIN     := bin/spof
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X main.version=$(VERSION)
SOURCES := $(shell find . -name '*.go' -not -name '*_test.go' -not -path './out/*') $(shell find . -name '*.yaml' -o -name '*.tmpl' -o -name '*.css') go.mod go.sum
DEMO    := single,active-passive,active-active
OUT     ?= out/demo

.PHONY: help build test bench lint fuzz docs deps demo clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: $(BIN) ## build the program, static, into bin/spof

$(BIN): $(SOURCES)
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $@ ./cmd/spof

test: build ## all tests this machine can run; with an engine the container suites too
	@! $(BIN) doctor 2>/dev/null | grep -q 'state *none answers' || \
		if [ "$$CI" = true ]; then echo "no container engine answers: under CI=true the container suites must run"; exit 1; \
		else echo "no container engine answers: the container suites are skipped (under CI=true this fails)"; fi
	SPOF_BINARY=$(abspath $(BIN)) $(GO) test -race -timeout 15m -p 2 ./sim ./...

bench: build ## the performance targets, beside what others do
	SPOF_BINARY=$(abspath $(BIN)) $(GO) test -run '^$$' -bench . -benchtime 3x -timeout 30m -p 1 ./...

lint: ## vet, formatting, staticcheck, tidy modules
	$(GO) vet ./...
	@test -z "$$(gofmt -l .)" || { echo "not gofmt-ed:"; gofmt -l .; exit 1; }
	$(GO) tool staticcheck ./...
	$(GO) mod tidy -diff

fuzz: ## every parser for 20 s each, its executions a second, and a floor for them
	@GO=$(GO) scripts/fuzz

docs: ## write the generated tables and outputs of docs/
	UPDATE=1 $(GO) test ./cmd/spof -count 1 -run TestCommand -ginkgo.focus 'up to date'

deps: build ## add what real engines need (Debian, Ubuntu; root or sudo); SPOF_INSTALL=no adds nothing
	@scripts/deps $(BIN)

demo: deps ## the main job: power loss under load on three designs; report in out/demo
	@$(BIN) run node-death -t $(DEMO) -n 1 --seed 1 -o $(OUT) --overwrite; code=$$?; \
	test $$code -le 1 || exit $$code; \
	echo "exit code $$code: 1 is right here, the single design has no way round its one node"

clean: build ## remove what runs left behind, and what was built
	-$(BIN) clean
	rm -rf bin out
