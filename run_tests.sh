#!/usr/bin/env bash
# Installs what the tests need, checks the style, and runs the tests on a display of their own.
#
#   ./run_tests.sh                      everything
#   ./run_tests.sh tests/core -k clip   arguments go to pytest
#
# The exit code is pytest's, or 1 when only the style is wrong.
set -eu

root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cd "$root"
./setup_env.sh --if-needed --tests
python=$root/.venv/bin/python

style=0
"$python" -m ruff check . || style=1
"$python" -m ruff format --check . || style=1

work=$(mktemp -d "${TMPDIR:-/tmp}/8cut-tests.XXXXXX")
servers=''
clean_up() {
    for server in $servers; do
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Nothing of the person who runs the tests is read or written.
mkdir -p "$work/home" "$work/run" "$work/tmp"
chmod 700 "$work/run"
unset EIGHTCUT_FFMPEG EIGHTCUT_FFPROBE EIGHTCUT_WEIGHTS WAYLAND_DISPLAY
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME PYTHONPATH
export HOME=$work/home EIGHTCUT_HOME=$work/home/8-cut XDG_RUNTIME_DIR=$work/run TMPDIR=$work/tmp
export LC_ALL=C.UTF-8

# Starts a display on a free number and adds it to EIGHTCUT_TEST_DISPLAYS.
start_display() {
    rm -f "$work/display"
    Xvfb -displayfd 3 -screen 0 1920x1080x24 -nolisten tcp -noreset 3>"$work/display" 2>"$work/xvfb.log" &
    server=$!
    servers="$servers $server"
    tries=0
    while [ ! -s "$work/display" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 300 ] || ! kill -0 "$server" 2>/dev/null; then
            echo "run_tests.sh: Xvfb did not start:" >&2
            cat "$work/xvfb.log" >&2
            exit 1
        fi
        sleep 0.1
    done
    DISPLAY=:$(cat "$work/display")
    EIGHTCUT_TEST_DISPLAYS="${EIGHTCUT_TEST_DISPLAYS:-} $DISPLAY"
}

cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
if [ "$(uname -s)" = Linux ]; then
    unset EIGHTCUT_TEST_DISPLAYS
    for _ in $(seq "$cores"); do start_display; done # a worker each: on one, they take the focus from each other
    export DISPLAY EIGHTCUT_TEST_DISPLAYS QT_QPA_PLATFORM=xcb LIBGL_ALWAYS_SOFTWARE=1
fi

result=0
"$python" -m pytest -n "$cores" "$@" || result=$?
if [ "$result" -eq 0 ] && [ "$style" -ne 0 ]; then
    echo "run_tests.sh: the tests pass, but the style check above does not." >&2
    result=1
fi
exit "$result"
