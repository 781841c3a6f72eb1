# Sourced by run_autograder.sh and run_tests.sh: makes the Python environment, once.
# Works with bash 3.2 (macOS) and POSIX tools. ROOT is the checkout, set by the caller.

say() { printf 'autograder: %s\n' "$*" >&2; }
fail() { say "$*"; exit 2; }

# Where the environment lives: in the checkout, or in the user's cache if that can't be written.
environment_folder() {
  if [ -d "$ROOT/.venv" ] && [ -w "$ROOT/.venv" ]; then
    printf '%s\n' "$ROOT/.venv"
  elif [ ! -e "$ROOT/.venv" ] && [ -w "$ROOT" ]; then
    printf '%s\n' "$ROOT/.venv"
  else
    set -- $(printf '%s' "$ROOT" | cksum)
    printf '%s\n' "${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/autograder/$1"
  fi
}

# What the environment depends on: the dependency tables, and which of them are wanted.
wanted_stamp() {
  set -- $({
    sed -n -e '/^requires-python/p' -e '/^dependencies = \[/,/^\]/p' \
      -e '/^\[project.optional-dependencies\]/,/^\[project.scripts\]/p' "$ROOT/pyproject.toml"
    printf '%s\n' "$1"
  } | cksum)
  printf '%s-%s\n' "$1" "$2"
}

find_python() {
  for name in ${AUTOGRADER_PYTHON:+"$AUTOGRADER_PYTHON"} python3 python3.14 python3.13 python3.12 \
    python3.11 python3.10 /usr/bin/python3; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  fail "Python 3.10 or newer is needed, and none was found. Install it, or set AUTOGRADER_PYTHON."
}

# One set-up at a time; a lock whose holder has died is taken over.
take_lock() {
  told=
  while ! mkdir "$1" 2>/dev/null; do
    holder=$(cat "$1/pid" 2>/dev/null || true)
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
      rm -rf "$1"
      continue
    fi
    [ -n "$told" ] || say "waiting for another set-up of the same environment …"
    told=yes
    sleep 1
  done
  printf '%s\n' "$$" >"$1/pid"
}

pip_install() {
  "$ENVIRONMENT/bin/python" -m pip install --quiet --disable-pip-version-check \
    --no-input "$@" >>"$LOG" 2>&1
}

# make_environment FLAVOUR EXTRA…: sets ENVIRONMENT; installs only if something changed.
make_environment() {
  flavour=$1
  shift
  ENVIRONMENT=$(environment_folder)
  stamp="$ENVIRONMENT/stamp-$flavour"
  wanted=$(wanted_stamp "$*")
  if [ -x "$ENVIRONMENT/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    return
  fi
  mkdir -p "$(dirname "$ENVIRONMENT")" || fail "$(dirname "$ENVIRONMENT") can't be written to."
  lock="$ENVIRONMENT.lock"
  take_lock "$lock"
  trap 'rm -rf "$lock"' EXIT
  if [ -x "$ENVIRONMENT/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    rm -rf "$lock"
    trap - EXIT
    return
  fi
  started=$(date +%s)
  say "setting up its Python environment in $ENVIRONMENT (once, about a minute) …"
  LOG="$ENVIRONMENT.log"
  : >"$LOG"
  rm -f "$stamp"
  if ! "$ENVIRONMENT/bin/python" -m pip --version >>"$LOG" 2>&1; then
    python=$(find_python)
    rm -rf "$ENVIRONMENT"
    if ! "$python" -m venv "$ENVIRONMENT" >>"$LOG" 2>&1; then
      rm -rf "$ENVIRONMENT"
      fail "$python can't make a virtual environment. Install its venv module (on Debian and" \
        "Ubuntu: apt install python3-venv). Details: $LOG"
    fi
  fi
  requirements() { "$ENVIRONMENT/bin/python" "$ROOT/scripts/requirements.py" "$@"; }
  requirements base >"$ENVIRONMENT/base.txt"
  if ! pip_install -r "$ENVIRONMENT/base.txt"; then
    tail -n 5 "$LOG" >&2
    fail "the packages that it needs could not be installed; the lines above say why ($LOG)."
  fi
  for extra in "$@"; do
    requirements "$extra" >"$ENVIRONMENT/$extra.txt"
    pip_install -r "$ENVIRONMENT/$extra.txt" ||
      say "the optional packages of '$extra' could not be installed; going on without them."
  done
  printf '%s\n' "$wanted" >"$stamp"
  rm -rf "$lock"
  trap - EXIT
  say "ready after $(($(date +%s) - started)) s."
}

# The optional packages that fit this machine.
usual_extras() {
  printf 'terminal'
  if [ "$(uname -s)" = Linux ] && ! command -v bwrap >/dev/null 2>&1; then
    printf ' isolation'
  fi
}
