#!/usr/bin/env bash
# What each stage of samples/Ladder costs: CPU per request, threads and memory of a waiting one, and the time that a hundred take.
# See bench/README.md.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..
artifacts=$here/artifacts # ignored by git
sample=$root/samples/Ladder/bin/Release/net10.0/Ladder.dll

rounds=3
seconds=3
warm=8
clients=200
waiting=1000
wait=200
driver=auto
only=
out=

usage() {
    cat <<END
Usage: bench/ladder/run.sh [options]

  --rounds N    rounds in which all stages take turns (default $rounds)
  --seconds N   length of one measurement of CPU time (default $seconds)
  --warm N      seconds of load before it that aren't counted, for the just-in-time compiler (default $warm)
  --clients N   requests under way at any time while CPU time is measured; one for the blocking stage (default $clients)
  --waiting N   requests that are held at once while memory and threads are read (default $waiting)
  --wait N      what the handler waits, in milliseconds (default $wait)
  --driver NAME the backend of Gyre's loop: auto, io_uring, epoll or sockets (default $driver)
  --only LIST   only these stages, separated by commas
  --out FILE    also write the table to FILE, as markdown
  --help        this text
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
            --rounds | --seconds | --warm | --clients | --waiting | --wait | --driver | --only | --out)
                (($# > 1)) || die "$1 wants a value"
                ;;
            *) die "unknown option '$1'; --help lists them" ;;
        esac
        case $1 in
            --driver | --only | --out) ;;
            *) [[ $2 =~ ^[0-9]+$ ]] || die "$1 wants a whole number, got '$2'" ;;
        esac
        printf -v "${1#--}" %s "$2"
        shift 2
    done
    [[ -z $out ]] || : >"$out" || die "can't write to $out"
}

build() {
    local tool
    for tool in dotnet taskset cc awk; do
        command -v "$tool" >/dev/null || die "'$tool' is needed and missing"
    done
    mkdir -p "$artifacts"
    cc -O2 -o "$artifacts/cputime" "$root/bench/servers/cputime/cputime.c"
    dotnet build -c Release -v quiet -nologo "$root/samples/Ladder/Ladder.csproj" >&2
    dotnet build -c Release -v quiet -nologo "$here/load/ladder-load.csproj" >&2
    mapfile -t stages < <(dotnet "$sample" --list | awk '{ print $1 }')
    if [[ -n $only ]]; then
        local known=" ${stages[*]} " stage
        IFS=, read -ra stages <<<"$only"
        for stage in "${stages[@]}"; do
            [[ $known == *" $stage "* ]] || die "there is no stage '$stage'; the stages are$known"
        done
    fi
}

# The load and the upstream of all stages, on core 1.
start_load() {
    mkfifo "$work/load.in" "$work/load.out"
    taskset -c 1 dotnet "$here/load/bin/Release/net10.0/ladder-load.dll" <"$work/load.in" >"$work/load.out" &
    load=$!
    exec {request}>"$work/load.in" {answer}<"$work/load.out"
    read -r -t 30 upstream <&"$answer" || die "the load didn't start"
}

# Sets `said` to the answer to a command of the load.
ask() { # word...
    printf '%s\n' "$*" >&"$request"
    read -r -t 600 said <&"$answer" || die "the load ended, or took ten minutes for '$*'"
}

# The same, of a command that ends with requests: none may have failed. Sets `requests` and `microseconds`.
ask_requests() { # word...
    local failed
    ask "$@"
    read -r requests microseconds failed <<<"$said"
    ((failed == 0)) || die "$stage: $failed requests of '$*' failed or were answered wrongly"
}

# The server, on core 0; sets `port`.
start_server() { # stage, wait
    local i
    : >"$work/server.out"
    taskset -c 0 dotnet "$sample" --stage "$1" --port 0 --upstream "http://127.0.0.1:$upstream/" --wait "$2" \
        --driver "$driver" >>"$work/server.out" </dev/null &
    server=$!
    for ((i = 0; i < 300; i++)); do
        port=$(sed -nE 's|^Stage .* on http://127\.0\.0\.1:([0-9]+)/,.*|\1|p' "$work/server.out")
        [[ -z $port ]] || return 0
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    die "stage $1 didn't start"
}

stop_server() {
    local status=0
    kill -TERM "$server"
    wait "$server" || status=$?
    server=
    ((status == 0)) || die "stage $stage ended with $status"
}

cpu_ns() { "$artifacts/cputime" "$server" || die "stage $stage ended while it was measured"; }

of_status() { awk -v key="$1:" '$1 == key { print $2 }' "/proc/$server/status"; }

# Sets the figures of memory: what a fresh server that has answered a few has, and what it has while $waiting wait.
measure_waiting() {
    ask_requests load "$port" 8 1000
    resident_before=$(of_status VmRSS)
    threads_before=$(of_status Threads)
    ask hold "$port" "$waiting"
    resident_with=$(of_status VmRSS)
    threads_with=$(of_status Threads)
    ask_requests release
}

# Sets `cpu`, in microseconds per request.
measure_cpu() { # clients
    local before after
    ask_requests load "$port" "$1" $((warm * 1000))
    before=$(cpu_ns)
    ask_requests load "$port" "$1" $((seconds * 1000))
    after=$(cpu_ns)
    cpu=$(awk -v ns=$((after - before)) -v requests="$requests" 'BEGIN { printf "%.1f", ns / requests / 1000 }')
}

measure_burst() {
    ask_requests burst "$port" 100
    burst=$((microseconds / 1000))
}

measure_stage() { # round
    local resident_before=- resident_with=- threads_before=- threads_with=- cpu burst=-
    if [[ $stage == blocking ]]; then
        measure_blocking "$1"
    else
        start_server "$stage" "$wait"
        measure_waiting
        measure_cpu "$clients"
        measure_burst
        stop_server
    fi
    printf '%s %s %s %s %s %s %s\n' \
        "$stage" "$cpu" "$threads_before" "$threads_with" "$resident_before" "$resident_with" "$burst" >>"$results"
    say "bench: round $1  $stage: $cpu us/request, $threads_before/$threads_with threads, $resident_before/$resident_with KB, $burst ms"
}

# Nobody waits in it but one. At five requests a second the just-in-time compiler would never be done, so it waits 1 ms while its
# CPU time is measured; and a hundred at once take a hundred times the wait, of which once is enough.
measure_blocking() { # round
    start_server "$stage" 1
    threads_before=$(of_status Threads)
    measure_cpu 1
    stop_server
    if [[ $1 == 1 ]]; then
        start_server "$stage" "$wait"
        measure_burst
        stop_server
    fi
}

report() {
    printf 'Machine: %s, %s cores, Linux %s. .NET %s, driver %s. %s rounds of %s s, %s requests under way, wait %s ms.\n\n' \
        "$(awk -F': *' '/^model name/ { print $2; exit }' /proc/cpuinfo)" "$(nproc)" "$(uname -r | cut -d- -f1)" \
        "$(dotnet --list-runtimes | awk '$1 == "Microsoft.NETCore.App" && $2 ~ /^10\./ { newest = $2 } END { print newest }')" \
        "$driver" "$rounds" "$seconds" "$clients" "$wait"
    awk -v order="${stages[*]}" -v waiting="$waiting" -f "$here/report.awk" "$results"
}

cleanup() {
    local status=$? pid
    trap - EXIT
    for pid in $server $load; do
        kill "$pid" 2>/dev/null || true
    done
    [[ -z ${work:-} ]] || rm -rf "$work"
    exit "$status"
}

main() {
    server=
    load=
    parse_options "$@"
    work=$(mktemp -d "${TMPDIR:-/tmp}/gyre-ladder.XXXXXX")
    results=$work/results
    trap cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    build
    start_load
    local round
    for ((round = 1; round <= rounds; round++)); do
        for stage in "${stages[@]}"; do
            measure_stage "$round"
        done
    done
    report | tee "${out:-/dev/null}"
}

main "$@"
