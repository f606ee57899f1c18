#!/usr/bin/env bash
# Runs the scenarios against servers of other people's making: the official A2A
# SDKs, an AG-UI endpoint on its official package, and nginx.
#
#   run.sh PATH_TO_VUELO
#
# Everything listens on 127.0.0.1 and is stopped at the end. Python environments,
# and nginx where it is not installed, are kept in ~/.cache/vuelo-real.
set -euo pipefail

[ $# = 1 ] && [ -x "$1" ] || { echo "usage: $0 PATH_TO_VUELO (build it: make build)" >&2; exit 104; }
vuelo=$(realpath "$1")
cd "$(dirname "$0")"
. ./tools.sh
work=$(mktemp -d)
servers=()
failed=0

finish() {
  status=$?
  for pid in ${servers[@]+"${servers[@]}"}; do kill "$pid" 2>/dev/null || true; done
  for pid in ${servers[@]+"${servers[@]}"}; do wait "$pid" 2>/dev/null || true; done
  if [ "$status" = 0 ]; then rm -rf "$work"; else echo "logs and results are kept in $work" >&2; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A key's value would come from a variable of its name, before anything here.
unset BASE_URL WEB_URL CCR_URL AUTH_TOKEN WORKSPACE_ID ENVIRONMENT A2A_DIALECT

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# await_port PORT LOG: waits without a request, which would be in the access log.
await_port() {
  for _ in $(seq 150); do
    if (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
    sleep 0.1
  done
  echo "nobody listens on port $1 after 15 s:" >&2
  tail -20 "$2" >&2
  exit 1
}

# serve PYTHON_ENVIRONMENT MODULE: starts it; `port` and `log` say where it is.
serve() {
  port=$(free_port)
  log=$work/$2-$port.log
  AGENT_URL="http://127.0.0.1:$port/" "$1/bin/uvicorn" "$2:app" --host 127.0.0.1 --port "$port" \
    --no-use-colors --log-level info >"$log" 2>&1 &
  servers+=($!)
  await_port "$port" "$log"
}

# check TITLE JUDGE'S_ARGUMENTS… -- VUELO'S_ARGUMENTS…
check() {
  local title=$1 judge=() code=0
  shift
  while [ "$1" != -- ]; do judge+=("$1"); shift; done
  shift
  checks=$((${checks:-0} + 1))
  local results=$work/results-$checks
  mkdir "$results"
  "$vuelo" run "$@" --seed 1 --results "$results" --no-color >"$results/output.txt" 2>&1 || code=$?
  python3 judge.py --title "$title" --results "$results" --exit "$code" "${judge[@]}" || {
    failed=1
    tail -30 "$results/output.txt" | sed 's/^/    | /'
  }
}

sdk_1=$(environment requirements/a2a-1.txt)
sdk_0_3=$(environment requirements/a2a-0.3.txt)
agentos=$(environment requirements/agentos.txt)
nginx=$(find_nginx)
version() { sed -n "s/^$1==//p" "requirements/$2.txt"; }
sdk_1_version=$(version a2a-sdk a2a-1)
sdk_0_3_version=$(version a2a-sdk a2a-0.3)
agui_version=$(version ag-ui-protocol agentos)
export PYTHONDONTWRITEBYTECODE=1

printf '%-44s %4s %9s %7s %7s %8s\n' 'server' exit requests served checks streams

a2a=(--streams a2a_stream_duration --events a2a_stream_events 4)
load=(-u 5 -d 10s)
serve "$sdk_1" a2a_1
check "a2a-sdk $sdk_1_version, A2A 1.0" "${a2a[@]}" --log "http://127.0.0.1:$port=$log" -- \
  a2a -e A2A_DIALECT=1.0 --base-url "http://127.0.0.1:$port" "${load[@]}"
serve "$sdk_1" a2a_1
check "a2a-sdk $sdk_1_version, A2A 0.3" "${a2a[@]}" --log "http://127.0.0.1:$port=$log" -- \
  a2a -e A2A_DIALECT=0.3 --base-url "http://127.0.0.1:$port" "${load[@]}"
serve "$sdk_0_3" a2a_0_3
check "a2a-sdk $sdk_0_3_version, A2A 0.3" "${a2a[@]}" --log "http://127.0.0.1:$port=$log" -- \
  a2a -e A2A_DIALECT=0.3 --base-url "http://127.0.0.1:$port" "${load[@]}"
serve "$sdk_0_3" a2a_0_3
check "a2a-sdk $sdk_0_3_version, asked for 1.0: refused" "${a2a[@]}" --wanted-exit 107 \
  --log "http://127.0.0.1:$port=$log" -- \
  a2a -e A2A_DIALECT=1.0 --base-url "http://127.0.0.1:$port" "${load[@]}"

# A fifth of the sessions talk to the agent: twenty, so that some do.
load=(-u 20 -d 10s)
talks=(--streams agui_run_duration)
web_port=$(free_port)
mkdir -p "$work/web/api/dashboard"
echo '<!doctype html><title>Dashboard</title>' >"$work/web/dashboard"
for part in widgets alerts activity metrics; do
  echo '{"items": []}' >"$work/web/api/dashboard/$part"
done
sed "s|FOLDER|$work|; s|PORT|$web_port|" nginx.conf >"$work/nginx.conf"
"$nginx" -p "$work" -c "$work/nginx.conf" -e "$work/web.log" 2>/dev/null &
servers+=($!)
await_port "$web_port" "$work/web.log"
serve "$agentos" agentos
nginx_version=$("$nginx" -v 2>&1 | sed 's|.*/||')
check "ag-ui-protocol $agui_version, nginx $nginx_version" "${talks[@]}" \
  --log "http://127.0.0.1:$port=$log" --log "http://127.0.0.1:$web_port=$work/web.access.log" -- \
  dashboard --base-url "http://127.0.0.1:$port" --web-url "http://127.0.0.1:$web_port" "${load[@]}"
serve "$agentos" agentos
check "ag-ui-protocol $agui_version, no web application" "${talks[@]}" \
  --log "http://127.0.0.1:$port=$log" -- \
  dashboard --base-url "http://127.0.0.1:$port" -e WEB_URL= "${load[@]}"

exit "$failed"
