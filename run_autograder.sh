#!/usr/bin/env bash
# The same as `autograder ARGS…`, in an environment that it sets up by itself on first use.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -eu

script=${BASH_SOURCE[0]}
while [ -L "$script" ]; do
  target=$(readlink "$script")
  case $target in
    /*) script=$target ;;
    *) script="${script%"${script##*/}"}$target" ;;
  esac
done
case $script in */*) ;; *) script="./$script" ;; esac
ROOT=$(CDPATH='' cd -P -- "${script%/*}/" && pwd)

. "$ROOT/scripts/environment.sh"
make_environment run
# What is printed to be typed next is what was typed.
export AUTOGRADER_COMMAND="$0"
exec "$ENVIRONMENT/bin/python" -I "$ROOT/scripts/launch.py" ${1+"$@"}
