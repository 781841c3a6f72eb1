#!/usr/bin/env bash
# The same as `autograder ARGS…`, in an environment that it sets up by itself on first use.
set -eu

source_file=${BASH_SOURCE[0]}
while [ -L "$source_file" ]; do
  folder=$(cd -P "$(dirname "$source_file")" && pwd)
  source_file=$(readlink "$source_file")
  case $source_file in /*) ;; *) source_file="$folder/$source_file" ;; esac
done
ROOT=$(cd -P "$(dirname "$source_file")" && pwd)

. "$ROOT/scripts/environment.sh"
# shellcheck disable=SC2046
make_environment run $(usual_extras)
exec "$ENVIRONMENT/bin/python" -I "$ROOT/scripts/launch.py" "$@"
