#!/usr/bin/env bash
# Holds the WebSocket client against a server on the package `websockets` of PyPI.
#
#   run.sh PATH_TO_VUELO PATH_TO_GUEST
#
# The guest is that of host/tests/guests/rust. Prints a row for each thing that was
# tried: what it is, a tab, and `passed` or `failed`. The exit code is 1 where one
# failed. The Python environment is kept in ~/.cache/vuelo-real.
set -euo pipefail

[ $# = 2 ] && [ -x "$1" ] && [ -f "$2" ] ||
  { echo "usage: $0 PATH_TO_VUELO PATH_TO_GUEST (vuelo_test_guest.wasm)" >&2; exit 104; }
vuelo=$(realpath "$1")
guest=$(realpath "$2")
cd "$(dirname "$0")"
here=$PWD
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vuelo-real
work=$(mktemp -d)
server=
failed=0

finish() {
  status=$?
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
  if [ "$status" = 0 ]; then rm -rf "$work"; else echo "logs and results are kept in $work" >&2; fi
}
trap finish EXIT

# Its name has the digest, so that new pins make a new one.
environment=$cache/websocket-$(sha256sum requirements.txt | cut -c1-12)
if [ ! -e "$environment/complete" ]; then
  rm -rf "$environment"
  python3 -m venv "$environment" >&2
  "$environment/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt >&2
  touch "$environment/complete"
fi

"$environment/bin/python" server.py >"$work/server.log" 2>"$work/server.err" &
server=$!
for _ in $(seq 150); do
  if url=$(sed -n 's/^listening on //p' "$work/server.log") && [ -n "$url" ]; then break; fi
  sleep 0.1
done
[ -n "$url" ] || { echo "the server does not listen after 15 s:" >&2; cat "$work/server.err" >&2; exit 1; }

# attempt WHAT DO THRESHOLD…: runs the guest 20 times with 4 users; all thresholds,
# and all of its checks, must hold.
attempt() {
  local what=$1 does=$2 folder=$work/$2 threshold
  shift 2
  mkdir -p "$folder"
  {
    echo '[components.guest.options.thresholds]'
    echo 'checks = ["rate==1"]'
    echo 'iterations_failed = ["count==0"]'
    for threshold in "$@"; do echo "'${threshold%%=*}' = [\"count==${threshold##*=}\"]"; done
  } >"$folder/vuelo.toml"
  cp "$guest" "$folder/guest.wasm"
  if (cd "$folder" && "$vuelo" run guest.wasm -u 4 -i 20 -e "DO=$does" -e "BASE_URL=$url" >run.log 2>&1); then
    printf '%s\tpassed\n' "$what"
  else
    printf '%s\tfailed\n' "$what"
    failed=1
  fi
}

attempt "text, binary, ping, subprotocol, closed by the client" "talk" \
  "ws_sessions{status:101,subproto:v2.chat}=20" "ws_ping=20" "ws_msgs_sent=40" "ws_msgs_received=40"
attempt "fragments, 200 kB, ping of the server, closed by the server" "hear" \
  "ws_sessions{status:101}=20" "ws_msgs_received=60" "ws_session_duration{error:}=20"
attempt "a handshake that is refused" "be refused" \
  "ws_sessions{status:403,error_code:1403}=20"
attempt "a session left with its iteration" "leave a session" \
  "ws_sessions=20" "ws_session_duration{error:}=20"

# Sessions that were left may still be on their way to the server.
sleep 0.5
kill "$server"
wait "$server" || true
server=
cd "$here"
if python3 - "$work/server.log" <<'END'
import json, sys
seen = json.loads(open(sys.argv[1]).read().splitlines()[-1])
wanted = {
    "sessions": 60, "messages": 60, "refused": 20,
    "closed 4000": 20, "closed 4001": 20, "closed 1001": 20,
}
if seen != wanted:
    print(f"the server has seen {seen}, not {wanted}", file=sys.stderr)
sys.exit(seen != wanted)
END
then
  printf '%s\tpassed\n' "counts of the server"
else
  printf '%s\tfailed\n' "counts of the server"
  failed=1
fi
exit "$failed"
