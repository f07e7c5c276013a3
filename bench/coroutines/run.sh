#!/usr/bin/env bash
# The microbenchmarks of the coroutine primitives: Gyre, the BCL, Go and asyncio in one interleaved run. See bench/README.md.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
artifacts=$here/artifacts # ignored by git
all_mechanisms=(spawn spawn-yield spawn-task-yield spawn-now group-10 yield yield-100 timer timer-reused scope scope-reused
    move-on await-done future send rendezvous buffered select-2 lock lock-contended switch offload sleepers sleepers-spread
    sleeping-flows million-timers bytes-sleep bytes-future)
# Resident memory is only to be told in a process that did nothing else before, so this one is measured when it is asked for.
alone_mechanisms=(resident-thread)

rounds=10
milliseconds=200
warm=20
core=0
only=
out=

usage() {
    cat <<END
Usage: bench/coroutines/run.sh [options]

  --rounds N         interleaved rounds at most; a mechanism is done when three in a row agree within 3 % (default $rounds)
  --milliseconds N   length of one measurement (default $milliseconds)
  --warm N           measurements of each mechanism that aren't counted, for the just-in-time compiler (default $warm)
  --core N           the core that all programs are pinned to (default $core)
  --only LIST        only these mechanisms, separated by commas, of:
                     ${all_mechanisms[*]}
                     or alone: ${alone_mechanisms[*]}
  --out FILE         also write the table to FILE, as markdown
  --help             this text
END
}

say() { printf '%s\n' "$*" >&2; }
die() {
    say "bench: $*"
    exit 1
}

parse_options() {
    while (($# > 0)); do
        case $1 in
            --help | -h) usage && exit 0 ;;
            --rounds | --milliseconds | --warm | --core | --only | --out) (($# > 1)) || die "$1 wants a value" ;;
            *) die "unknown option '$1'; --help lists them" ;;
        esac
        case $1 in
            --only) only=$2 ;;
            --out) out=$2 ;;
            *)
                [[ $2 =~ ^[0-9]+$ ]] || die "$1 wants a whole number, got '$2'"
                printf -v "${1#--}" %s "$2"
                ;;
        esac
        shift 2
    done
    mechanisms=("${all_mechanisms[@]}")
    [[ -z $only ]] || IFS=, read -ra mechanisms <<<"$only"
    [[ -z $out ]] || : >"$out" || die "can't write to $out"
}

declare -A pid request answer
programs=()

start() { # program, command…
    local name=$1
    shift
    mkfifo "$work/$name.in" "$work/$name.out"
    taskset -c "${cores:-$core}" "$@" <"$work/$name.in" >"$work/$name.out" &
    pid[$name]=$!
    exec {request[$name]}>"$work/$name.in" {answer[$name]}<"$work/$name.out"
    programs+=("$name")
}

build_and_start() {
    command -v dotnet >/dev/null || die 'the .NET SDK is needed and missing'
    command -v taskset >/dev/null || die "'taskset' is needed and missing: apt-get install util-linux"
    mkdir -p "$artifacts"
    local side
    for side in gyre bcl; do
        dotnet build -c Release -v quiet -nologo "$here/$side/coroutines-$side.csproj" >&2
    done
    GYRE_DRIVER=io_uring start gyre dotnet "$here/gyre/bin/Release/net10.0/coroutines-gyre.dll"
    start bcl dotnet "$here/bcl/bin/Release/net10.0/coroutines-bcl.dll"
    cores=$(awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status) \
        start pool dotnet "$here/bcl/bin/Release/net10.0/coroutines-bcl.dll"
    if command -v go >/dev/null; then
        (cd "$here/go" && GO111MODULE=off go build -o "$artifacts/coroutines-go" main.go exchanges.go)
        GOMAXPROCS=1 start go "$artifacts/coroutines-go"
    else
        say 'bench: go: not installed (apt-get install golang-go), skipped'
    fi
    if python3 -c 'import asyncio; asyncio.TaskGroup; import uvloop' 2>/dev/null; then
        start asyncio python3 "$here/asyncio/main.py"
    else
        say 'bench: asyncio: python3 (3.11 or later) with uvloop is not installed, skipped'
    fi
}

# Sets `figures` to "CPU-ns wall-ns bytes" of one operation, or "- - -" when the program doesn't have the mechanism.
ask() { # program mechanism milliseconds
    local echoed
    if [[ $1 == pool ]] && ! hops "$2"; then
        figures='- - -'
        return
    fi
    printf '%s %s\n' "$2" "$3" >&"${request[$1]}"
    read -r -t 600 echoed figures <&"${answer[$1]}" || die "$1 ended, or took ten minutes for '$2'"
    [[ $echoed == "$2" ]] || die "$1 was asked for '$2' and answered '$echoed'"
}

# Whether the number of cores makes a difference to the BCL: what hops from thread to thread.
hops() { [[ $1 == spawn* || $1 == group-* || $1 == yield* || $1 == future || $1 == rendezvous || $1 == buffered || $1 == lock* || $1 == offload ]]; }

is_timed() { [[ $1 != sleep* && $1 != million-* && $1 != bytes-* && $1 != resident-* ]]; }

warm_up() {
    local name mechanism i times
    say 'bench: warming up (not counted)'
    for name in "${programs[@]}"; do
        for mechanism in "${mechanisms[@]}"; do
            times=$warm
            is_timed "$mechanism" || times=$(((warm + 9) / 10))
            [[ $name == gyre || $name == bcl || $name == pool ]] || times=1
            for ((i = 0; i < times; i++)); do
                ask "$name" "$mechanism" "$milliseconds"
            done
        done
    done
}

run_rounds() {
    local round name mechanism
    local -A settled=()
    for ((round = 1; round <= rounds; round++)); do
        say "bench: round $round of at most $rounds"
        for mechanism in "${mechanisms[@]}"; do
            [[ -z ${settled[$mechanism]:-} ]] || continue
            for name in "${programs[@]}"; do
                ask "$name" "$mechanism" "$milliseconds"
                printf '%s %s %s %s\n' "$mechanism" "$round" "$name" "$figures" >>"$results"
            done
            settled[$mechanism]=$(awk -v settled_only="$mechanism" -f "$here/report.awk" "$results")
        done
    done
}

report() {
    printf 'Machine: %s, %s cores, Linux %s. Versions: .NET %s' \
        "$(awk -F': *' '/^model name/ { print $2; exit }' /proc/cpuinfo)" "$(nproc)" "$(uname -r | cut -d- -f1)" \
        "$(dotnet --list-runtimes | awk '$1 == "Microsoft.NETCore.App" && $2 ~ /^10\./ { newest = $2 } END { print newest }')"
    [[ -z ${pid[go]:-} ]] || printf ', Go %s' "$(go env GOVERSION | sed 's/^go//')"
    [[ -z ${pid[asyncio]:-} ]] || printf ', %s with uvloop' "$(python3 --version)"
    printf '. One core, io_uring. At most %s rounds of %s ms.\n\n' "$rounds" "$milliseconds"
    awk -v order="${mechanisms[*]}" -v programs="${programs[*]}" -f "$here/report.awk" "$results"
}

cleanup() {
    local status=$? name
    trap - EXIT
    for name in "${programs[@]}"; do
        kill "${pid[$name]}" 2>/dev/null || true
    done
    [[ -z ${work:-} ]] || rm -rf "$work"
    exit "$status"
}

main() {
    parse_options "$@"
    work=$(mktemp -d "${TMPDIR:-/tmp}/gyre-coroutines.XXXXXX")
    results=$work/results
    trap cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    build_and_start
    warm_up
    run_rounds
    report | tee "${out:-/dev/null}"
}

main "$@"
