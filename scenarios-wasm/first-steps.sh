#!/usr/bin/env bash
# What a new user does, in each language: an empty folder, `vuelo new`, and then
# every command of the README that is in the project, as it stands there. Takes
# the command `vuelo`, and languages where not all are meant.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
vuelo=$(realpath "${1:?usage: first-steps.sh VUELO [LANGUAGE...]}")
shift
languages=("$@")
[ ${#languages[@]} -gt 0 ] || languages=(rust js ts python c go)

home=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$home"' EXIT
mkdir "$home/bin"
ln -s "$vuelo" "$home/bin/vuelo"
export PATH="$home/bin:$PATH"
# Ten seconds a run would tell nothing more. Tests give their own number.
export VUELO_DURATION=2s

# The server that the READMEs mean by one's own.
vuelo target --listen 127.0.0.1:7777 > "$home/server.log" &
server=$!
until grep -qs listening "$home/server.log"; do sleep 0.1; kill -0 $server; done

# A script of the commands of a README, which tells each and ends at one that fails.
steps() {
  local command
  awk '/^```sh/ { inside = 1; next } /^```/ { inside = 0 } inside && NF' "$1" |
    while IFS= read -r command; do
      case $command in
        # It is there already: this was built with it.
        *sh.rustup.rs*) continue ;;
        # What there is was installed by whom a README cannot know.
        apt-get\ install\ clang*) command=$here/c-tools.sh ;;
      esac
      printf 'echo %q\n{ %s\n} > %q 2>&1 || exit 1\n' "  $2\$ $command" "$command" "$3"
    done
}

passed=0
for language in "${languages[@]}"; do
  cd "$home"
  name="first-$language"
  vuelo new "$name" --lang "$language" > new.log
  cd "$name"
  started=$SECONDS
  # One shell for all of them: what one sets, the next ones have.
  steps README.md "$name" "$home/step.log" > "$home/steps.sh"
  if ! bash "$home/steps.sh"; then
    cat "$home/step.log"
    echo "$language: the command above failed"
    exit 1
  fi
  size=$(stat -c %s "$name.wasm")
  grep -q "$name" vuelo.lock
  [ "$(find results -name '*.json' | wc -l)" -ge 2 ]
  echo "$language: a project, built, tested, run and pinned in $((SECONDS - started)) s ($size bytes)"
  passed=$((passed + 1))
done
echo "$passed passed, 0 failed"
