#!/usr/bin/env bash
# Runs once, as root, when Gradescope builds the image: makes the grader's Python environment.
set -eu
SOURCE=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
ENVIRONMENT=${AUTOGRADER_ENVIRONMENT:-/opt/autograder}
export DEBIAN_FRONTEND=noninteractive PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1
export PIP_ROOT_USER_ACTION=ignore

# The versions that requirements.txt has; each with its venv module.
find_python() {
  for PYTHON in python3 python3.13 python3.12 python3.11 python3.10; do
    if "$PYTHON" -I -c 'import ensurepip, sys, venv
sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
      return 0
    fi
  done
  return 1
}

if ! find_python && command -v apt-get >/dev/null; then
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends python3 python3-venv >/dev/null
fi
if ! find_python; then
  echo "autograder: Python 3.10 to 3.13 with its venv module is needed, and this image has none." \
    "Choose the image Ubuntu 22.04 or newer." >&2
  exit 1
fi

rm -rf "$ENVIRONMENT"
"$PYTHON" -I -m venv "$ENVIRONMENT"
"$ENVIRONMENT/bin/python" -I -m pip install --quiet --no-cache-dir --only-binary :all: \
  -r "$SOURCE/requirements.txt"
"$ENVIRONMENT/bin/python" -I -m compileall -q "$SOURCE"

# The reference and the hidden checks are for root alone; a student's code runs as another user.
chown -R 0:0 "$SOURCE"
chmod -R go= "$SOURCE"
chmod 700 "$SOURCE/run_autograder" "$SOURCE/setup.sh"

# A mistake shows when the image is built, not when the first student hands in.
"$ENVIRONMENT/bin/python" -I "$SOURCE/launch.py" --try
