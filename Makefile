.DEFAULT_GOAL := help
.PHONY: help demo test lint build scenarios scenarios-renew schema real deny clean

help: ## Lists the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

demo: ## Runs the agent endpoints' whole load profile, ten times faster, against the embedded target
	cargo run --release -p vuelo -- run a2a --demo --time-scale 0.1

build: ## Builds the command: target/release/vuelo
	cargo build --release -p vuelo

test: ## Runs all tests; installs what they need
	cargo test --workspace

lint: ## Checks formatting and lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

scenarios: ## Builds the scenarios again and says whether the pinned digests hold
	scenarios-wasm/build.sh

scenarios-renew: ## Builds the scenarios and pins what came out
	scenarios-wasm/build.sh --renew

schema: ## Writes the JSON Schema of the options anew
	VUELO_RENEW=1 cargo test -p vuelo --lib schema

real: build ## Runs the scenarios against servers nobody here wrote: a2a-sdk, AG-UI, nginx
	scenarios-wasm/real/run.sh target/release/vuelo

deny: ## Checks licences and advisories of all dependencies
	cargo deny check

clean: ## Removes everything that was built
	cargo clean
