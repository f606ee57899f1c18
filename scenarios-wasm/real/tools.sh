#!/usr/bin/env bash
# Servers of other people's making, installed where they are not: sourced by
# other scripts, or
#
#   tools.sh python LIST     the folder of a Python environment with these packages
#   tools.sh nginx           the path of nginx
#   tools.sh tinyproxy       the path of tinyproxy
#   tools.sh openssl         the path of openssl
#   tools.sh microsocks      the path of microsocks
#
# What is installed is kept in ~/.cache/vuelo-real.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/vuelo-real
mkdir -p "$cache"

# environment LIST: the folder of the Python environment with the packages of that
# file, made when it is not there. Its name has the digest, so that new pins make a
# new one.
environment() {
  local list=$1 folder
  folder=$cache/$(basename "$list" .txt)-$(sha256sum "$list" | cut -c1-12)
  if [ ! -e "$folder/complete" ]; then
    echo "installing $list into $folder" >&2
    rm -rf "$folder" &&
      python3 -m venv "$folder" >&2 &&
      "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$list" >&2 &&
      touch "$folder/complete" || return
  fi
  echo "$folder"
}

# find_program PROGRAM PACKAGE PATH_IN_PACKAGE: its path. A package that is only
# unpacked needs no rights and starts no service.
find_program() {
  local program=$1 package=$2 path=$cache/$2/$3 work
  PATH=$PATH:/usr/sbin command -v "$program" && return
  if [ ! -x "$path" ]; then
    echo "unpacking $package into $cache/$package" >&2
    work=$(mktemp -d)
    (cd "$work" &&
      { apt-get download -qq "$package" ||
        { apt-get update -qq && apt-get download -qq "$package"; }; } >&2 &&
      dpkg-deb -x "$package"_*.deb "$cache/$package") ||
      { echo "$program is not to be had; install it: apt-get install $package" >&2; return 1; }
    rm -rf "$work"
  fi
  echo "$path"
}

find_nginx() {
  local nginx
  nginx=$(find_program nginx nginx usr/sbin/nginx) && "$nginx" -v && echo "$nginx"
}

# Whoever sources this has arguments of its own.
if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  case ${1:-} in
  python) environment "$2" ;;
  nginx) find_nginx ;;
  tinyproxy) find_program tinyproxy tinyproxy-bin usr/bin/tinyproxy ;;
  openssl) find_program openssl openssl usr/bin/openssl ;;
  microsocks) find_program microsocks microsocks usr/bin/microsocks ;;
  *) echo "usage: $0 python LIST | nginx | tinyproxy | openssl | microsocks" >&2; exit 104 ;;
  esac
fi
