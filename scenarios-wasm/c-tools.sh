#!/usr/bin/env bash
# Installs what scenarios in C are built with, where it is missing: clang, its
# linker and runtime for WebAssembly, and wasi-libc, from Debian's or Ubuntu's
# packages.
set -euo pipefail
has() { command -v "$1" >/dev/null; }
is_there() {
  has clang && has wasm-ld && [ -f /usr/lib/wasm32-wasi/libc.a ] &&
    [ -f "$(clang --target=wasm32-wasi -rtlib=compiler-rt -print-libgcc-file-name)" ]
}
is_there && exit
sudo=()
[ "$(id -u)" = 0 ] || sudo=(sudo)
"${sudo[@]}" apt-get update -qq
"${sudo[@]}" apt-get install -y -qq clang lld wasi-libc >/dev/null
version=$(clang -dumpversion | cut -d. -f1)
"${sudo[@]}" apt-get install -y -qq "libclang-rt-$version-dev-wasm32" >/dev/null
is_there
