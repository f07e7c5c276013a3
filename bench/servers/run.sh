#!/usr/bin/env bash
# The whole-server benchmark: Gyre on each of its drivers beside its peers, in one run. See bench/README.md.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
artifacts=$here/artifacts # ignored by git; kept, so that a second run builds faster

# The references stand next to what they are compared with, so that a ratio is of two neighbours in time.
all_servers=(c-io_uring gyre-io_uring gyre-epoll c-epoll gyre-sockets kestrel kestrel-inline nginx go node)

rounds=5
seconds=3
connections=64
only=
idle=true
idle_connections=9000
port_first=18100
out=

usage() {
    cat <<END
Usage: bench/servers/run.sh [options]

  --rounds N             interleaved rounds (default $rounds)
  --seconds S            length of one measurement, whole seconds (default $seconds)
  --connections N        connections of the load (default $connections)
  --only LIST            only these servers, separated by commas, of:
                         ${all_servers[*]}
  --skip-idle            don't measure the memory of idle connections
  --idle-connections N   idle connections to hold (default $idle_connections)
  --port N               first of the ports used on 127.0.0.1, one per server (default $port_first)
  --out FILE             also write the tables to FILE, as markdown
  --help                 this text

Servers run on core 0, the load on core 1. Exits 1 when something needed is missing or a measurement failed.
END
}

say() { printf '%s\n' "$*" >&2; }
die() {
    say "bench: $*"
    exit 1
}

# shellcheck source=lib/servers.sh
source "$here/lib/servers.sh"
# shellcheck source=lib/measure.sh
source "$here/lib/measure.sh"

whole_number() { # option value
    [[ $2 =~ ^[1-9][0-9]*$ ]] || die "$1 wants a whole number above 0, got '$2'"
}

parse_options() {
    while (($# > 0)); do
        local option=$1
        shift
        case $option in
            --skip-idle) idle=false && continue ;;
            --help | -h) usage && exit 0 ;;
            --rounds | --seconds | --connections | --only | --idle-connections | --port | --out) ;;
            *) die "unknown option '$option'; --help lists them" ;;
        esac
        (($# > 0)) || die "$option wants a value"
        case $option in
            --only) only=$1 ;;
            --out) out=$1 ;;
            *) whole_number "$option" "$1" ;;&
            --rounds) rounds=$1 ;;
            --seconds) seconds=$1 ;;
            --connections) connections=$1 ;;
            --idle-connections) idle_connections=$1 ;;
            --port) port_first=$1 ;;
        esac
        shift
    done
}

need() { # command, where it comes from
    command -v "$1" >/dev/null || die "'$1' is needed and missing: $2"
}

check_machine() {
    need gcc 'apt-get install gcc libc6-dev'
    need wrk 'apt-get install wrk'
    need curl 'apt-get install curl'
    need taskset 'apt-get install util-linux'
    need pgrep 'apt-get install procps'
    need awk 'apt-get install mawk'
    if ! taskset -c 0 true 2>/dev/null || ! taskset -c 1 true 2>/dev/null; then
        die 'two cores are needed: 0 for the server, 1 for the load'
    fi
    if $idle && (($(ulimit -Hn) < idle_connections + 100)); then
        die "$idle_connections idle connections need 'ulimit -Hn' above that, it is $(ulimit -Hn);" \
            "raise it, or use --idle-connections or --skip-idle"
    fi
    ulimit -Sn "$(ulimit -Hn)"
    [[ -z $out ]] || : >"$out" || die "can't write to $out"
}

# Fills `servers` with what was asked for and can run. What was asked for by name must run; the rest may be skipped.
choose_servers() {
    local name reason
    local -a asked=("${all_servers[@]}")
    if [[ -n $only ]]; then
        IFS=, read -ra asked <<<"$only"
    fi
    servers=()
    for name in "${asked[@]}"; do
        [[ " ${all_servers[*]} " == *" $name "* ]] || die "no server '$name'; there are: ${all_servers[*]}"
        reason=$(server_missing "$name")
        if [[ -z $reason ]]; then
            servers+=("$name")
        elif [[ -n $only ]]; then
            die "$name: $reason"
        else
            say "bench: $name: $reason, skipped"
        fi
    done
    ((${#servers[@]} > 0)) || die 'nothing to measure'
}

cleanup() {
    local status=$?
    trap - EXIT
    stop_all
    [[ -z ${work:-} ]] || rm -rf "$work"
    exit "$status"
}

run_rounds() {
    local round name i
    for name in "${servers[@]}"; do
        start_server "$name"
    done
    say 'bench: settling (not counted): every server long enough for its just-in-time compiler to be done'
    for name in "${servers[@]}"; do
        settle_server "$name"
    done
    for ((round = 1; round <= rounds; round++)); do
        for ((i = 0; i < ${#servers[@]}; i++)); do
            # Each round starts one server further on, so that a drift of the machine doesn't always meet the same one.
            name=${servers[(i + round - 1) % ${#servers[@]}]}
            measure_server "$round" "$name"
        done
    done
    stop_all
}

run_idle() {
    local name
    for name in "${servers[@]}"; do
        start_server "$name"
        measure_idle "$name"
        stop_server "$name"
    done
}

report() {
    describe_machine
    awk -f "$here/lib/report.awk" -v order="${servers[*]}" -v connections="$connections" \
        -v idle_connections="$idle_connections" -v rounds="$rounds" -v seconds="$seconds" "$results"
}

main() {
    parse_options "$@"
    check_machine
    choose_servers
    work=$(mktemp -d "${TMPDIR:-/tmp}/gyre-bench.XXXXXX")
    results=$work/results.tsv
    trap cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    build_tools
    build_servers
    choose_counter
    run_rounds
    if $idle; then
        run_idle
    fi
    report | tee "${out:-/dev/null}"
    if ((failures > 0)); then
        die "$failures measurements had errors (see above); the tables can't be trusted"
    fi
}

main "$@"
