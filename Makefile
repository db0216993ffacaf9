# Two commands do everything: `make run` and `make test`. `make help` lists the rest.

SHELL := /bin/bash
CLEW_SHARED ?= ../shared
DATA ?= data
LISTEN ?= 127.0.0.1:8080
FUZZTIME ?= 10m
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOFILES := $(shell find . -name '*.go' -not -path './web/node_modules/*' 2>/dev/null)
WEBFILES := $(shell find web/src web/public web/index.html web/*.ts web/*.json -type f 2>/dev/null)
LDFLAGS := -X github.com/clew-sec/clew/app.Version=$(VERSION)
# Go runs tests in the folders of their packages, so the path must not depend on where one stands.
override CLEW_SHARED := $(abspath $(CLEW_SHARED))
export CLEW_SHARED

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: run
run: build $(DATA)/clew.db ## build, load the demo company once, serve it
	@bin/clew serve --data $(DATA) --listen $(LISTEN)

$(DATA)/clew.db: | bin/clew
	bin/clew demo --data $(DATA)

.PHONY: build
build: bin/clew ## bin/clew with the portal inside

bin/clew: web/dist/index.html $(GOFILES) go.mod go.sum
	@command -v gcc >/dev/null || { echo "A C compiler is needed for SQLite and DuckDB: install gcc (Debian: apt-get install gcc libc6-dev)"; exit 1; }
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/clew ./cmd/clew

web/node_modules/.installed: web/package.json web/package-lock.json
	@command -v npm >/dev/null || { echo "Node 20 or newer is needed to build the portal: install nodejs and npm"; exit 1; }
	cd web && npm ci --no-audit --no-fund
	@touch $@

# The query language for the browser: the checker as WebAssembly, and Go's glue for it.
KQLWASM := web/src/hunting/kql/kql.wasm
KQLFILES := $(shell find kql telemetry -name '*.go' -o -path '*/schema/*' -type f 2>/dev/null)

$(KQLWASM): $(KQLFILES) go.mod go.sum
	@mkdir -p $(@D)
	GOOS=js GOARCH=wasm go build -trimpath -ldflags '-s -w' -o $@ ./kql/wasm
	cp "$$(go env GOROOT)/lib/wasm/wasm_exec.js" $(@D)/

web/dist/index.html: web/node_modules/.installed $(KQLWASM) $(WEBFILES)
	cd web && npm run build

.PHONY: test
test: test-needs check build test-go test-web test-browser ## everything: Go with the race detector, web, browser

.PHONY: test-needs
test-needs: ## what the tests need beside Go, gcc and Node: PostgreSQL, Chromium, ClickHouse's engine as a library
	@sh .ci/needs

.PHONY: check
check: web/node_modules/.installed ## formatting, vet, static analysis, the portal's linter and types
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not gofmt'ed:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	cd tools && go build -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	bin/staticcheck ./...
	cd web && npm run lint && npm run typecheck

.PHONY: test-go
test-go: ## Go tests with the race detector
	go test -race -timeout 30m ./...

.PHONY: test-web
test-web: web/node_modules/.installed ## the portal's unit tests
	cd web && npm test

.PHONY: test-browser
test-browser: build ## the portal in a real Chromium against a real server
	.ci/browser

.PHONY: screenshots
screenshots: build ## docs/screenshots from the demo company
	CLEW_SCREENSHOTS=$(CURDIR)/docs/screenshots .ci/browser

.PHONY: conformance
conformance: ## real samples and data sets (CLEW_SHARED); prints how much of the query language is right on each engine
	.ci/conformance

.PHONY: eval
eval: bin/clew ## the quality of correlation on the labelled sets (CLEW_SHARED)
	.ci/eval

.PHONY: eval-heldout
eval-heldout: bin/clew ## the same with models that have not seen the set they are measured on
	.ci/eval --held-out

.PHONY: model
model: bin/clew ## train correlate/model/link.json anew on the labelled sets (CLEW_SHARED), draw docs/calibration.svg
	.ci/model

.PHONY: fuzz
fuzz: test-needs ## fuzz every parser, FUZZTIME each
	.ci/fuzz $(FUZZTIME)

.PHONY: bench
bench: ## the benchmarks of docs/performance.md
	go test -run '^$$' -bench . -benchmem ./...

.PHONY: compare
compare: ## Clew's engine beside Alertmanager's grouping, on the same alerts in one run
	cd tools/compare && go run .

.PHONY: crash
crash: bin/clew ## kill -9 of serve at 100 random moments
	go test -tags crash -timeout 60m -run TestCrash -v ./app/...

.PHONY: clean
clean: ## remove what was built (not the data folder)
	rm -rf bin web/dist web/node_modules
