#!/usr/bin/env bash
# Lets a command that counts what it does do what it will do for others:
#
#   train.sh VUELO FOLDER
#
# What is not done here is taken for what is seldom done, and made small in place of
# fast. So it is a little of everything, and most of what is to be fastest: the same
# request again and again. The scenarios are compiled anew, so that the compiler of
# components is among it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
scenarios=$here/../../scenarios-wasm
vuelo=$1 work=$2/work
. "$scenarios/real/tools.sh"

rm -rf "$work"
mkdir -p "$work"
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT

export VUELO_CACHE_DIR=$work/cache
unset RUST_BACKTRACE RUST_LIB_BACKTRACE

nginx=$(find_nginx)
openssl=$(find_program openssl openssl usr/bin/openssl)
# Where openssl is only unpacked, its own configuration is nowhere.
printf '[req]\ndistinguished_name = name\n[name]\n' >"$work/openssl.cnf"
"$openssl" req -config "$work/openssl.cnf" -x509 -newkey rsa:2048 -nodes -days 2 \
  -subj /CN=localhost -keyout "$work/key.pem" -out "$work/certificate.pem" 2>"$work/said" ||
  { cat "$work/said" >&2; exit 1; }
python3 -c 'import json
print(json.dumps({"orders": [{"id": id, "lines": ["pen", "ink"]} for id in range(90)], "total": 40}))' \
  >"$work/orders.json"
sed "s|FOLDER|$work|" "$here/nginx.conf" >"$work/nginx.conf"
"$nginx" -c "$work/nginx.conf" -e stderr &
server=$!

# served: fails where the server is not, or is somebody else's.
served() {
  local port
  for port in 7981 7982; do
    for _ in {1..50}; do
      (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
      sleep 0.1
    done
  done
  kill -0 "$server" 2>/dev/null ||
    { echo "train.sh: nginx did not stay: are 127.0.0.1:7981 and 7982 free?" >&2; exit 1; }
}

# project FOLDER: the component of a scenario's project.
project() {
  "$vuelo" build "$scenarios/$1" --json | sed -n 's/.*"path": *"\([^"]*\)".*/\1/p'
}
get=$(project benchmark/rust)
read=$(project benchmark/rust-json)

# run OPTION…: a run that may be as fast as it can, which makes it invalid (95).
run() {
  local code=0
  "$vuelo" run "$@" --quiet --yes --results "$work/results" >"$work/said" 2>&1 || code=$?
  case $code in
  0 | 95 | 99) ;;
  *) cat "$work/said" >&2; echo "train.sh: vuelo run $* ended with $code" >&2; exit 1 ;;
  esac
}

served
echo "  the same request" >&2
run "$get" --base-url http://127.0.0.1:7981 -u 50 -d 6s
echo "  bodies that are read" >&2
run "$read" --base-url http://127.0.0.1:7981/large -e REQUESTS=10 -e READS=field -u 20 -d 2s
echo "  TLS and HTTP/2" >&2
export VUELO_INSECURE_SKIP_TLS_VERIFY=true
VUELO_HTTP_VERSION=1.1 run "$get" --base-url https://127.0.0.1:7982 -u 20 -d 2s
VUELO_HTTP_VERSION=2 run "$get" --base-url https://127.0.0.1:7982 -u 20 -d 2s
unset VUELO_INSECURE_SKIP_TLS_VERIFY
served
echo "  users who think" >&2
for scenario in a2a dashboard ccr; do
  run "$scenarios/$scenario.wasm" --demo -u 200 -d 5s
done
echo "  every call a guest can make" >&2
"$vuelo" conformance "$(project conformance/rust)" >"$work/said" 2>&1 ||
  { cat "$work/said" >&2; exit 1; }
