#!/usr/bin/env bash
# Builds the scenarios as components and compares them with the artifacts that
# are committed. `--renew` puts the new ones in their place and pins them.
set -euo pipefail
cd "$(dirname "$0")"
scenarios=(a2a ccr dashboard)
target=wasm32-wasip2
built=../target/$target/scenario

rustup target list --installed | grep -qx "$target" || rustup target add "$target"

# Paths of this machine have no place in an artifact, and would change its
# digest from machine to machine.
root=$(cd .. && pwd)
cargo_home=${CARGO_HOME:-$HOME/.cargo}
sysroot=$(rustc --print sysroot)
flags=(
  "\"--remap-path-prefix=$root=/vuelo\""
  "\"--remap-path-prefix=$cargo_home=/cargo\""
  "\"--remap-path-prefix=$sysroot=/rust\""
)
packages=()
for name in "${scenarios[@]}"; do packages+=(-p "vuelo-scenario-$name"); done
CARGO_TARGET_DIR=../target cargo build --locked --profile scenario --target "$target" \
  --config "target.$target.rustflags=[$(IFS=,; echo "${flags[*]}")]" "${packages[@]}"

digest() { sha256sum "$1" | cut -d' ' -f1; }

if [ "${1:-}" = --renew ]; then
  {
    echo '# The project'"'"'s own scenarios, each pinned by its digest. `make scenarios`'
    echo '# builds them again and says whether these still hold.'
    echo 'version = 1'
    for name in "${scenarios[@]}"; do
      cp "$built/vuelo_scenario_$name.wasm" "$name.wasm"
      printf '\n[artifacts.%s]\nfile = "%s.wasm"\ndigest = "sha256:%s"\n' \
        "$name" "$name" "$(digest "$name.wasm")"
    done
  } > vuelo.lock
fi

status=0
for name in "${scenarios[@]}"; do
  new=$(digest "$built/vuelo_scenario_$name.wasm")
  size=$(stat -c %s "$built/vuelo_scenario_$name.wasm")
  if grep -q "sha256:$new" vuelo.lock; then
    echo "$name: sha256:$new holds ($size bytes)"
  else
    echo "$name: sha256:$new differs from vuelo.lock ($size bytes)"
    status=1
  fi
done
[ $status = 0 ] || echo 'If the change is wanted, pin it: make scenarios-renew'
exit $status
