#!/usr/bin/env bash
# Starts 8-cut. The first start sets everything up in .venv beside this file; later starts only compare a checksum.
#
#   ./8cut.sh [MEDIA…]      open the window          ./8cut.sh --help    everything else
#
# Works from any folder and through a symbolic link.
set -eu

self=${BASH_SOURCE[0]}
while [ -L "$self" ]; do
    folder=$(cd -P -- "$(dirname -- "$self")" && pwd)
    self=$(readlink -- "$self")
    case $self in /*) ;; *) self=$folder/$self ;; esac
done
root=$(cd -P -- "$(dirname -- "$self")" && pwd)

status=0
"$root/setup_env.sh" --if-needed || status=$?
# 3: the Python half is fine and only a library of the system is missing. The command line may still do its work,
# and the window says what it lacks.
if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then
    exit "$status"
fi

if [ "$(uname -s)" = Darwin ]; then # Homebrew's libmpv is outside the loader's path
    export DYLD_FALLBACK_LIBRARY_PATH="${DYLD_FALLBACK_LIBRARY_PATH:-}:/opt/homebrew/lib:/usr/local/lib:/usr/lib"
fi
exec "$root/.venv/bin/python" "$root/main.py" "$@"
