#!/usr/bin/env bash
# Installs what 8-cut needs: libraries of the system where that is allowed, Python packages in .venv. Run it again at
# any time; it repairs what is broken and leaves alone what is fine.
#
#   ./setup_env.sh                install or repair
#   ./setup_env.sh --if-needed    return at once when nothing changed since the last good run
#   ./setup_env.sh --tests        also what the tests need (Xvfb, pytest, …)
#
# Environment:
#   EIGHTCUT_PYTHON   the Python (3.11–3.14) to build .venv with; otherwise the first good one in PATH
#   EIGHTCUT_TORCH    cpu | default: which build of torch; otherwise chosen by the hardware
#   EIGHTCUT_SYSTEM   print: never install system packages, only say which are missing
#
# Exit code: 0 ready · 1 not usable · 2 wrong argument · 3 the Python half is ready, a library of the system is missing.
set -eu

root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
venv=$root/.venv
if_needed=no tests=no
for argument in "$@"; do
    case $argument in
        --if-needed) if_needed=yes ;;
        --tests) tests=yes ;;
        -h | --help) sed -n '2,/^set -eu/{/^set/d;s/^# \{0,1\}//;p;}' "${BASH_SOURCE[0]}"; exit 0 ;;
        *) echo "setup_env.sh: unknown argument $argument (see --help)" >&2; exit 2 ;;
    esac
done
exec 1>&2 # standard output belongs to the program that is started afterwards

say() { printf '8-cut: %s\n' "$*"; }

# fail WHAT WHY FIX
fail() {
    printf '\n8-cut cannot be set up: %s\n  Why: %s\n  Fix: %s\n' "$1" "$2" "$3"
    exit 1
}

# --- The stamp: written last, so that an interrupted set-up is never taken for a good one ---------------------------

stamp=$venv/.8cut-ready
tests_stamp=$venv/.8cut-ready-for-tests
requirements=requirements.txt
if [ "$tests" = yes ]; then requirements="requirements.txt tests/requirements.txt"; fi

# Everything that makes a set-up stale: the pins, this script, the Python behind .venv, and where .venv lies.
fingerprint() {
    {
        cat "$root/requirements.txt" "$root/tests/requirements.txt" "$root/setup_env.sh" 2>/dev/null || true
        "$venv/bin/python" -V 2>&1
        printf '%s\n' "$root"
    } | cksum
}

is_ready() {
    if [ "$tests" = yes ]; then
        [ -f "$tests_stamp" ] && { [ "$(uname -s)" != Linux ] || command -v Xvfb >/dev/null; } || return 1
    fi
    [ -f "$stamp" ] && [ -x "$venv/bin/python" ] && [ "$(fingerprint)" = "$(cat "$stamp")" ]
}

if [ "$if_needed" = yes ] && is_ready; then
    exit 0
fi
# Two first starts at once: the second waits here for the first, and then finds everything done.
if command -v flock >/dev/null 2>&1; then
    exec 9<"$root/setup_env.sh"
    if ! flock -n 9; then
        say "another set-up is running; waiting for it"
        flock 9
        if [ "$if_needed" = yes ] && is_ready; then exit 0; fi
    fi
fi

# --- Python --------------------------------------------------------------------------------------------------------

SUITABLE='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'

# Sets python to one that can make a virtual environment, or bare_python to one that only lacks the means.
find_python() {
    python='' bare_python=''
    for candidate in ${EIGHTCUT_PYTHON:+"$EIGHTCUT_PYTHON"} python3 python3.13 python3.12 python3.11 python3.14; do
        path=$(command -v "$candidate" 2>/dev/null) || continue
        "$path" -c "$SUITABLE" 2>/dev/null || continue
        if "$path" -c 'import ensurepip, venv' 2>/dev/null; then
            python=$path
            return
        fi
        bare_python=${bare_python:-$path}
    done
}

# --- Libraries of the system ---------------------------------------------------------------------------------------

DEBIAN_LIBRARIES="libmpv2 libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
    libxcb-render-util0 libxcb-xinerama0 libxcb-shape0 libdbus-1-3 ca-certificates"

missing_on_debian() {
    for package in $DEBIAN_LIBRARIES; do
        case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
            installed) ;;
            *) printf '%s ' "$package" ;;
        esac
    done
    if ! command -v ffmpeg >/dev/null || ! command -v ffprobe >/dev/null; then printf 'ffmpeg '; fi
    if ! find /usr/share/fonts /usr/local/share/fonts -name '*.[ot]tf' 2>/dev/null | grep -q .; then
        printf 'fonts-dejavu-core '
    fi
    if [ "$tests" = yes ] && ! command -v Xvfb >/dev/null; then printf 'xvfb '; fi
    if [ -z "$python" ]; then printf 'python3 python3-venv '; fi
}

# The command that brings everything on the other systems. Not run from here: only Debian's is tested.
command_elsewhere() {
    if command -v dnf >/dev/null; then
        printf 'sudo dnf install python3 mpv-libs ffmpeg-free mesa-libEGL mesa-libGL libxkbcommon-x11 xcb-util-cursor '
        printf 'xcb-util-wm xcb-util-image xcb-util-keysyms xcb-util-renderutil xorg-x11-server-Xvfb'
        printf '   (H.264 needs the ffmpeg of RPM Fusion instead of ffmpeg-free)'
    elif command -v pacman >/dev/null; then
        printf 'sudo pacman -S --needed python mpv ffmpeg libxkbcommon-x11 xcb-util-cursor xcb-util-wm xcb-util-image '
        printf 'xcb-util-keysyms xcb-util-renderutil xorg-server-xvfb'
    elif command -v zypper >/dev/null; then
        printf 'sudo zypper install python313 libmpv2 ffmpeg Mesa-libEGL1 Mesa-libGL1 libxkbcommon-x11-0 '
        printf 'libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 xorg-x11-server-Xvfb'
    elif [ "$(uname -s)" = Darwin ]; then
        printf 'brew install python@3.13 mpv ffmpeg'
    else
        printf 'install Python 3.11 or newer with venv, libmpv and ffmpeg with the means of your system'
    fi
}

# Runs apt-get; waits up to five minutes while another one holds a lock, and shows its words only when it fails. What a
# package starts (dbus) must not inherit the lock of this set-up, hence 9<&-.
apt_get() {
    apt_deadline=$((SECONDS + 300)) apt_waiting=no
    while :; do
        apt_status=0
        apt_words=$($as_root env LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get -q -y \
            -o DPkg::Lock::Timeout=300 "$@" 2>&1 9<&-) || apt_status=$?
        [ "$apt_status" -ne 0 ] || return 0
        case $apt_words in *"Could not get lock"* | *"Unable to lock"*) ;; *) break ;; esac
        [ "$SECONDS" -lt "$apt_deadline" ] || break
        [ "$apt_waiting" = yes ] || say "waiting for another apt to finish"
        apt_waiting=yes
        sleep 2
    done
    printf '%s\n' "$apt_words" | grep -E '^[EW]: ' | sed 's/^/    /'
    return 1
}

install_system_packages() {
    system_command=$(command_elsewhere)
    command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || return 0
    missing=$(missing_on_debian)
    missing=${missing% }
    if [ -z "$missing" ]; then # used when one of them does not load although it is there
        # shellcheck disable=SC2086,SC2116 # joins the lines
        system_command="sudo apt-get install -y --reinstall $(echo $DEBIAN_LIBRARIES)"
        return 0
    fi
    system_command="sudo apt-get update && sudo apt-get install -y $missing"
    if [ "$(id -u)" = 0 ]; then
        as_root=''
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    else
        EIGHTCUT_SYSTEM=print
    fi
    if [ "${EIGHTCUT_SYSTEM:-}" = print ]; then
        say "these system packages are missing; please run:"
        say "    $system_command"
        return 0
    fi
    say "installing system packages: $missing"
    apt_get update || say "apt-get update had problems; trying with the lists at hand"
    # shellcheck disable=SC2086 # a list of names
    apt_get install --no-install-recommends $missing || say "not all of them could be installed"
    find_python
}

find_python
install_system_packages
if [ -z "$python" ] && [ -n "$bare_python" ]; then
    version=$("$bare_python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    fail "Python $version is here but cannot make a virtual environment" "its module ensurepip is not installed" \
        "sudo apt-get install -y python$version-venv   (or the like on your system), then start again"
elif [ -z "$python" ]; then
    fail "no Python between 3.11 and 3.14 was found" "8-cut and its libraries are built for these versions" \
        "$system_command   — or set EIGHTCUT_PYTHON to the path of one, then start again"
fi

# --- .venv ---------------------------------------------------------------------------------------------------------

venv_works() {
    [ -x "$venv/bin/python" ] && "$venv/bin/python" -c "$SUITABLE" 2>/dev/null &&
        "$venv/bin/python" -c 'import os, sys; sys.exit(not os.path.samefile(sys.prefix, sys.argv[1]))' "$venv" 2>/dev/null &&
        "$venv/bin/python" -m pip --version >/dev/null 2>&1
}

rm -f "$stamp"
if [ "$tests" = no ] && [ -f "$tests_stamp" ]; then # once installed, the tests' packages are kept up to date too
    requirements="requirements.txt tests/requirements.txt"
fi
if ! venv_works; then
    if [ -e "$venv" ] || [ -L "$venv" ]; then
        say "the environment in .venv is broken; building it anew"
        rm -rf "$venv"
    fi
    say "making a Python environment in $venv"
    "$python" -m venv "$venv" || fail "no environment could be made in $venv" "see the message above" \
        "make the folder writable, or free some space, then start again"
fi
python=$venv/bin/python

# --- Python packages -----------------------------------------------------------------------------------------------

UV_VERSION=0.13.8
CPU_INDEX=https://download.pytorch.org/whl/cpu

has_nvidia() {
    [ -e /proc/driver/nvidia/version ] || { command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; }
}

# The version of torch in .venv, empty when there is none or another than the pinned one.
installed_torch() {
    "$python" - "$root/requirements.txt" <<'PYTHON'
import importlib.metadata, re, sys

pins = dict(re.findall(r"^(torch|torchvision|torchaudio)==(\S+)", open(sys.argv[1]).read(), re.M))
try:
    found = {name: importlib.metadata.version(name) for name in pins}
except importlib.metadata.PackageNotFoundError:
    sys.exit()
if all(found[name].split("+")[0] == pin for name, pin in pins.items()):
    print(found["torch"])
PYTHON
}

# Whether PyTorch's own index answers within seconds and holds the pinned triple as CPU builds for this machine.
cpu_index_answers() {
    "$python" - "$CPU_INDEX" "$root/requirements.txt" <<'PYTHON'
import os, platform, re, sys, threading, urllib.request

index, requirements = sys.argv[1:]
pins = re.findall(r"^(torch|torchvision|torchaudio)==(\S+)", open(requirements).read(), re.M)
python = "cp%d%d" % sys.version_info[:2]


def has(name, pin):
    with urllib.request.urlopen(f"{index}/{name}/", timeout=4) as answer:
        page = answer.read().decode()
    return re.search(rf"{name}-{re.escape(pin)}(%2B|\+)cpu-{python}-{python}-\w*linux\w*_{platform.machine()}\.whl", page)


def ask():
    try:
        found = len(pins) == 3 and all(has(*pin) for pin in pins)
    except Exception:
        found = False
    os._exit(0 if found else 1)


threading.Thread(target=ask, daemon=True).start()
threading.Event().wait(8)  # a name server that never answers is not covered by the timeout of a request
os._exit(1)
PYTHON
}

choose_torch() {
    present=$(installed_torch)
    case ${EIGHTCUT_TORCH:-} in
        cpu | default) torch=$EIGHTCUT_TORCH ;;
        '')
            if [ "$(uname -s)" != Linux ] || has_nvidia; then
                torch=default
            elif [ -n "$present" ]; then
                torch=$(case $present in *+cpu) echo cpu ;; *) echo default ;; esac)
            elif cpu_index_answers; then
                torch=cpu
            else
                torch=default
            fi
            ;;
        *) fail "EIGHTCUT_TORCH is ${EIGHTCUT_TORCH}" "only cpu and default are known" "unset it, or set one of these" ;;
    esac
    exchange=no # a triple of the other build has to make room, or the three do not fit together
    case "$torch $present" in cpu\ *+cpu | cpu\ | default\ ) ;; cpu\ * | default\ *+cpu) exchange=yes ;; esac
}

check_space() {
    [ -z "$present" ] || return 0
    needed_mb=$(if [ "$torch" = cpu ] || [ "$(uname -s)" = Darwin ]; then echo 3500; else echo 8500; fi)
    free_mb=$(df -Pk "$venv" | awk 'NR == 2 { print int($4 / 1024) }')
    [ "${free_mb:-$needed_mb}" -ge "$needed_mb" ] || fail "the disk is too full" \
        "$venv needs about $needed_mb MB and $free_mb MB are free" "free some space, then start again"
}

install_packages() { # install_packages [more options of uv]
    arguments=''
    for file in $requirements; do arguments="$arguments -r $file"; done
    [ "$exchange" = no ] || set -- "$@" --reinstall-package torch --reinstall-package torchvision \
        --reinstall-package torchaudio
    [ "$torch" = default ] || set -- "$@" --torch-backend=cpu
    if "$python" -m uv --version 2>/dev/null | grep -q " $UV_VERSION" ||
        "$python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"; then
        # A company's own certificates are in the system's store.
        if [ -e /etc/ssl/certs/ca-certificates.crt ] || [ "$(uname -s)" = Darwin ]; then export UV_SYSTEM_CERTS=true; fi
        # shellcheck disable=SC2086 # two plain file names
        (cd "$root" && "$python" -m uv pip install --python "$python" "$@" $arguments) && return
        say "uv did not get through; trying with pip"
    fi
    set --
    if [ "$torch" = cpu ]; then
        set -- --extra-index-url "$CPU_INDEX"
        for pin in $(grep -E '^(torch|torchvision|torchaudio)==' "$root/requirements.txt"); do set -- "$@" "$pin+cpu"; done
    elif [ "$exchange" = yes ]; then
        set -- --force-reinstall
    fi
    # shellcheck disable=SC2086
    (cd "$root" && "$python" -m pip install --disable-pip-version-check "$@" $arguments)
}

verify() {
    say "trying every library once"
    status=0
    (cd "$root" && "$python" -m core.ops.verify_imports) || status=$?
}

marker=$venv/.8cut-installing # there while packages are being written; left behind by an interruption
choose_torch
check_space
case "$torch ${present:+present}" in
    "cpu ") say "installing Python packages (about 2 GB, the CPU build of torch)" ;;
    "default ") say "installing Python packages (several GB the first time; this takes a while)" ;;
    *) say "checking the Python packages" ;;
esac
repair=''
if [ -e "$marker" ]; then
    say "the last set-up was interrupted; installing everything again"
    repair=--reinstall
fi
: >"$marker"
install_packages $repair || fail "the Python packages could not be installed" "see the message above" \
    "check the network connection (and HTTPS_PROXY, if you use a proxy), then start again"
verify
if [ "$status" = 1 ]; then
    say "something does not load; installing everything again"
    if [ "$torch" = cpu ] && [ -z "${EIGHTCUT_TORCH:-}" ]; then torch=default exchange=no; fi
    install_packages --reinstall && verify
fi
rm -f "$marker"
case $status in
    0) ;;
    3)
        say "the Python half is ready. For the rest, please run:"
        say "    $system_command"
        exit 3
        ;;
    *) fail "a library does not load" "see the lines above" \
        "delete the folder $venv and start again; if that does not help, report these lines" ;;
esac
[ "$tests" = no ] || : >"$tests_stamp"
fingerprint >"$stamp.new"
mv -f "$stamp.new" "$stamp"
say "ready"
