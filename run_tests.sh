#!/usr/bin/env bash
# Runs the project's tests: linter, formatter, type checker, pytest. --all adds the slow ones, and
# WHOLE=1 in the environment each case of those (hours).
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -eu
CDPATH='' cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")"
ROOT=$PWD

. scripts/environment.sh
make_environment tests

# Twice as many as the two processors that it is made for: much of it waits, for a limit or a browser.
workers=4
select=(-m "not slow")
if [ "${1:-}" = --all ]; then
  shift
  select=()
  # What is slow waits more.
  workers=6
fi
python="$ENVIRONMENT/bin/python"
mypy_cache="$ENVIRONMENT/mypy"
[ -w "$ENVIRONMENT" ] || mypy_cache=/dev/null
failed=
# step NAME COMMAND…: all of them run; pytest's summary stays last, so failures are named before it.
step() {
  printf '== %s%s\n' "$1" "${failed:+ (failed so far:$failed)}"
  name=$1
  shift
  "$@" || failed="$failed $name"
}
# Bytecode lies apart from the checkout, so that what is started again and again is compiled once.
export PYTHONPYCACHEPREFIX="$ENVIRONMENT/bytecode"
unset PYTHONDONTWRITEBYTECODE
step ruff-check "$python" -m ruff check --quiet --no-cache .
step ruff-format "$python" -m ruff format --check --quiet --no-cache .
step mypy "$python" -m mypy --no-error-summary --cache-dir="$mypy_cache"
step pytest "$python" -m pytest -n "$workers" --dist loadfile --no-loadscope-reorder ${select[@]+"${select[@]}"} ${1+"$@"}
[ -z "$failed" ]
