#!/usr/bin/env bash
# Builds the command as it is published, optimised for what it does most:
#
#   build.sh [TARGET]     target/dist/vuelo, for this machine or another target
#
# It is built twice. The first one counts which ways its code takes while it does what it
# will do for others (train.sh); by these counts the compiler of the second decides what
# is inlined and what lies together. That takes twice the time of a build, and what it
# gives is in docs/performance.md.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."

this=$(rustc -vV | sed -n 's/^host: //p')
target=${1:-$this}
training=$PWD/target/training
counts=$training/counts

profdata=$(rustc --print sysroot)/lib/rustlib/$this/bin/llvm-profdata
[ -x "$profdata" ] || rustup component add llvm-tools >&2 ||
  { echo "no llvm-profdata: rustup component add llvm-tools" >&2; exit 104; }

# built FLAGS FOLDER: builds the command in a folder, and says where it is.
built() {
  # Apart by a character that no path has.
  local flags=${RUSTFLAGS:+${RUSTFLAGS// /$'\x1f'}$'\x1f'}$1
  CARGO_ENCODED_RUSTFLAGS=$flags cargo build --locked --profile dist -p vuelo \
    --target "$target" --target-dir "$2" >&2
  echo "$2/$target/dist/vuelo"
}

echo "building the command that counts" >&2
counting=$(built "-Cprofile-generate=$counts" "$training")
merged=$training/merged.profdata
if [ "$counting" -nt "$merged" ] || [ -n "$(find host/dist -newer "$merged")" ]; then
  echo "letting it work" >&2
  rm -rf "$counts"
  host/dist/train.sh "$counting" "$training"
  "$profdata" merge -o "$merged" "$counts"
fi

echo "building the command" >&2
made=$(built "-Cprofile-use=$merged" target)
mkdir -p target/dist
# In place of a file that may be running.
cp --remove-destination "$made" target/dist/vuelo
