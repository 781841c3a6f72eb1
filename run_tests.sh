#!/usr/bin/env bash
# Runs the project's tests: linter, formatter, type checker, pytest. --all adds the slow ones.
set -eu
ROOT=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$ROOT"

. scripts/environment.sh
# shellcheck disable=SC2046
make_environment tests $(usual_extras) dev

select=(-m "not slow")
if [ "${1:-}" = --all ]; then
  shift
  select=()
fi
python="$ENVIRONMENT/bin/python"
failed=0
step() {
  printf '== %s\n' "$1"
  shift
  "$@" || failed=1
}
export PYTHONDONTWRITEBYTECODE=1
step "ruff check" "$python" -m ruff check --quiet .
step "ruff format" "$python" -m ruff format --check --quiet .
step "mypy" "$python" -m mypy --no-error-summary --cache-dir="$ENVIRONMENT/mypy"
step "pytest" "$python" -m pytest -n 2 --dist loadgroup ${select[@]+"${select[@]}"} "$@"
exit "$failed"
