.DEFAULT_GOAL := help
.PHONY: help bench bench-parts budget demo dist sandbox scale test first-steps languages languages-renew c-tools accuracy bench-recording http-engine http-timings conformance http3 http3-renew fuzz memory-flat lint build scenarios scenarios-renew schema real deny clean wasm-target

FUZZ_TARGETS = answers cookies events frames request settings
# For each target of `make fuzz`.
FUZZ_SECONDS = 60

help: ## Lists the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

demo: ## Runs the agent endpoints' whole load profile, ten times faster, against the embedded target
	cargo run --release -p vuelo -- run a2a --demo --time-scale 0.1

build: ## Builds the command: target/release/vuelo
	cargo build --release -p vuelo

dist: wasm-target ## Builds the command as it is published, by a profile of its own work: target/dist/vuelo
	host/dist/build.sh

test: wasm-target c-tools ## Runs all tests, those against servers of others included; installs what they need
	cargo test --workspace
	cargo test --workspace --bench recording
	scenarios-wasm/first-steps.sh target/debug/vuelo
	scenarios-wasm/real/run.sh target/debug/vuelo

# Part of rust-toolchain.toml, but added by hand where the toolchain was there
# before it.
wasm-target:
	@if command -v rustup >/dev/null; then rustup target add wasm32-wasip2; fi

# For scenarios in C.
c-tools:
	@scenarios-wasm/c-tools.sh

first-steps: build wasm-target c-tools ## Makes a project in each language, and runs every command of its README
	scenarios-wasm/first-steps.sh target/release/vuelo

bench: dist wasm-target ## Compares requests a second with wrk, oha, Goose and k6, and writes them into the README
	scenarios-wasm/benchmark/compare.py target/dist/vuelo README.md docs/bench.json

scale: dist wasm-target ## Runs 1,000 to 100,000 virtual users, and writes what they take into the README
	scenarios-wasm/benchmark/scale.py target/dist/vuelo README.md docs/scale.json

bench-parts: ## Measures a host call, a request, a virtual user's making, an executor's tick
	cargo bench -p vuelo --bench parts

budget: ## Holds the instructions of each part against host/benches/budget.json
	host/benches/budget.py $$(cargo bench -p vuelo --bench parts --no-run --message-format json \
	  | sed -n 's/.*"name":"parts".*"executable":"\([^"]*\)".*/\1/p')

sandbox: ## Measures what the sandbox costs beside the same loop in native code
	cargo bench -p vuelo --bench sandbox

languages: build wasm-target c-tools ## Measures what a scenario of each language costs, and writes it into the README
	scenarios-wasm/benchmark/measure.py target/release/vuelo README.md docs/languages.json

languages-renew: wasm-target c-tools ## Holds every language against the plan for guests, and writes docs/guest-conformance.md
	VUELO_RENEW=1 cargo test --workspace --test languages every_language_holds

accuracy: wasm-target ## Holds what a run reports against a target's own log: percentiles, a stall, a high rate
	cargo bench -p vuelo --bench accuracy

bench-recording: ## Measures what it costs to record one sample, in nanoseconds
	cargo bench -p vuelo --bench recording

http-engine: ## Measures the processor time of a request, beside a bare hyper client's
	cargo bench -p vuelo --bench http_engine

http-timings: ## Holds each phase of a request against a server that knows how long it took
	cargo bench -p vuelo --bench http_timings

conformance: ## Tries the HTTP engine on servers of others, and writes docs/http-conformance.md
	VUELO_RENEW=1 cargo test -p vuelo --test conformance

http3: ## Tries HTTP/3, a cargo feature, by its own tests and on hypercorn
	cargo clippy --workspace --features vuelo/http3 --lib --test conformance -- -D warnings
	cargo test --workspace --features vuelo/http3 --lib --test conformance http3

http3-renew: ## Tries HTTP/3 on hypercorn, and writes docs/http3-conformance.md
	VUELO_RENEW=1 cargo test --workspace --features vuelo/http3 --test conformance http3

fuzz: ## Feeds the parsers of the HTTP engine with anything, FUZZ_SECONDS each
	for target in $(FUZZ_TARGETS); do \
	  mkdir -p fuzz/corpus/$$target; \
	  RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none --fuzz-dir fuzz $$target \
	    fuzz/corpus/$$target fuzz/seeds/$$target -- -max_total_time=$(FUZZ_SECONDS) || exit; \
	done

memory-flat: ## Records 30 million samples, and fails if memory grows with them
	cargo bench -p vuelo --bench memory

lint: ## Checks formatting and lints
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --workspace --all-targets -- -D warnings

scenarios: ## Builds the scenarios again and says whether the pinned digests hold
	scenarios-wasm/build.sh

scenarios-renew: ## Builds the scenarios and pins what came out
	scenarios-wasm/build.sh --renew

schema: ## Writes the JSON Schema of the options anew
	VUELO_RENEW=1 cargo test -p vuelo --lib schema

real: build ## Runs the scenarios against a2a-sdk, AG-UI and nginx alone
	scenarios-wasm/real/run.sh target/release/vuelo

deny: ## Checks licences and advisories of all dependencies
	cargo deny check

clean: ## Removes everything that was built
	cargo clean
