# shellcheck shell=bash
# The measurements: load, CPU time, memory, system calls. Sourced by run.sh.
#
# Each writes a line to $results: kind, round, server, figures... (tab-separated), which report.awk reads.

pipeline_depth=16
failures=0
counter=none # what counts system calls: perf, strace or none
helper_pid=  # a program of ours that runs beside a server

stop_helper() {
    if [[ -n $helper_pid ]]; then
        kill -TERM "$helper_pid" 2>/dev/null || true
        wait "$helper_pid" 2>/dev/null || true
        helper_pid=
    fi
}

record() {
    local IFS=$'\t'
    printf '%s\n' "$*" >>"$results"
}

# --- load ----------------------------------------------------------------------------------------------------------

# Runs wrk and sets load_requests, load_us, load_p50, load_p99 and load_errors. Words before it may count something about
# the server while it runs.
load() { # name, depth, seconds, [prefix command...]
    local name=$1 depth=$2 duration=$3 line
    shift 3
    PIPELINE=$depth "$@" taskset -c 1 wrk -t1 "-c$connections" "-d${duration}s" -s "$here/wrk.lua" \
        "http://127.0.0.1:${server_port[$name]}/" >"$work/wrk.out" 2>&1 || true
    line=$(grep '^RESULT ' "$work/wrk.out") || {
        cat "$work/wrk.out" >&2
        die "wrk against $name gave no result"
    }
    read -r _ load_requests load_us load_p50 load_p99 load_errors <<<"$line"
    if ((load_errors > 0)); then
        say "bench: $name: wrk counted $load_errors errors at depth $depth"
        failures=$((failures + 1))
    fi
    ((load_requests > 0)) || die "$name answered nothing"
}

settle_server() { # name
    load "$1" 1 4
    load "$1" "$pipeline_depth" 3
}

# --- what the load costs --------------------------------------------------------------------------------------------

server_cpu_ns() { # pid...
    "$artifacts/cputime" "$@" || die 'a server ended while it was measured'
}

# Nanoseconds that the whole machine has been busy, and that a hypervisor has taken from it.
machine_busy_ns() {
    local user nice system irq softirq steal
    read -r _ user nice system _ _ irq softirq steal _ </proc/stat
    echo "$(((user + nice + system + irq + softirq + steal) * 10000000))"
}

resident_kb() { # pid...
    local pid total=0 kb
    for pid in "$@"; do
        kb=$(awk '/^VmRSS:/ { print $2 }' "/proc/$pid/status")
        total=$((total + kb))
    done
    echo "$total"
}

measure_load() { # round, name, depth, pid...
    local round=$1 name=$2 depth=$3 busy_before busy_after server_before server_after server_used loader others
    shift 3
    busy_before=$(machine_busy_ns)
    server_before=$(server_cpu_ns "$@")
    load "$name" "$depth" "$seconds" "$artifacts/cputime" --run "$work/loader_ns"
    server_after=$(server_cpu_ns "$@")
    busy_after=$(machine_busy_ns)
    loader=$(<"$work/loader_ns")
    server_used=$((server_after - server_before))
    others=$((busy_after - busy_before - server_used - loader))
    ((others > 0)) || others=0 # the machine's figure is a sample of ticks
    record "load$depth" "$round" "$name" "$load_requests" "$load_us" "$server_used" \
        "$load_p50" "$load_p99" "$(resident_kb "$@")" "$others"
    awk -v round="$round" -v name="$name" -v depth="$depth" -v ns="$server_used" -v requests="$load_requests" \
        -v us="$load_us" 'BEGIN { printf "bench: round %d  %-15s x%-2d  %7.3f us/request  %8.0f requests/s\n",
            round, name, depth, ns / requests / 1000, requests / us * 1e6 }' >&2
}

measure_server() { # round, name
    local -a pids
    mapfile -t pids < <(process_tree "${server_pid[$2]}")
    load "$2" 1 1 # warm again after the others had the core
    measure_load "$1" "$2" 1 "${pids[@]}"
    load "$2" "$pipeline_depth" 1
    measure_load "$1" "$2" "$pipeline_depth" "${pids[@]}"
    case $2 in
        gyre-* | c-*) measure_system_calls "$1" "$2" "${pids[@]}" ;;
    esac
}

# --- system calls ---------------------------------------------------------------------------------------------------

# perf counts in the kernel and disturbs little. strace stops the server at every call, which makes it slow, so that more
# requests are ready per turn and the count per request comes out too low: better than nothing, and said.
choose_counter() {
    if perf stat -e raw_syscalls:sys_enter true >/dev/null 2>&1; then
        counter=perf
    elif command -v strace >/dev/null; then
        counter=strace
        say 'bench: perf is missing or not allowed (apt-get install linux-perf; root or kernel.perf_event_paranoid=-1):'
        say 'bench: system calls are counted by strace, which slows the server and gives too low a figure'
    else
        say 'bench: system calls are not counted: apt-get install linux-perf or strace'
    fi
}

measure_system_calls() { # round, name, pid...
    local round=$1 name=$2 calls
    shift 2
    case $counter in
        none) return ;;
        perf)
            load "$name" 1 1 perf stat -x, -o "$work/calls" -e raw_syscalls:sys_enter -p "$(IFS=, && echo "$*")"
            calls=$(awk -F, '/raw_syscalls:sys_enter/ { print $1 }' "$work/calls")
            ;;
        strace)
            strace -c -f -o "$work/calls" -p "$1" 2>/dev/null &
            helper_pid=$!
            sleep 0.5
            load "$name" 1 1
            kill -INT "$helper_pid"
            wait "$helper_pid" 2>/dev/null || true
            helper_pid=
            calls=$(awk '$NF == "total" { print $4 }' "$work/calls")
            ;;
    esac
    [[ $calls =~ ^[0-9]+$ ]] || die "$counter gave no count of system calls for $name"
    record calls "$round" "$name" "$load_requests" "$calls" "$counter"
}

# --- idle connections -----------------------------------------------------------------------------------------------

# On a freshly started server: memory that a load before left behind for reuse would hide what connections cost.
measure_idle() { # name
    local name=$1 before after
    local -a pids
    load "$name" 1 2 # so that code is compiled and pools are begun before the first reading
    sleep 2
    mapfile -t pids < <(process_tree "${server_pid[$name]}")
    before=$(resident_kb "${pids[@]}")
    mkfifo "$work/hold.$name"
    "$artifacts/idle" 127.0.0.1 "${server_port[$name]}" "$idle_connections" \
        <"$work/hold.$name" >"$work/idle.out" 2>"$work/idle.err" &
    helper_pid=$!
    exec 9>"$work/hold.$name" # closing it lets go
    while ! grep -q '^holding' "$work/idle.out"; do
        kill -0 "$helper_pid" 2>/dev/null || die "$name: $(<"$work/idle.err")"
        sleep 0.1
    done
    sleep 2
    after=$(resident_kb "${pids[@]}")
    exec 9>&-
    wait "$helper_pid" || {
        say "bench: $name: $(<"$work/idle.err")"
        failures=$((failures + 1))
    }
    helper_pid=
    record idle 1 "$name" "$idle_connections" "$before" "$after"
    say "bench: idle  $name  $before KB -> $after KB"
}

# --- the machine ----------------------------------------------------------------------------------------------------

describe_machine() {
    local name
    printf 'Machine: %s, %s cores, Linux %s.' \
        "$(awk -F': *' '/^model name/ { print $2; exit }' /proc/cpuinfo)" "$(nproc)" "$(uname -r | cut -d- -f1)"
    printf ' Versions: %s' "$(gcc --version | head -1)"
    printf ', wrk %s' "$(wrk --version | awk 'NR == 1 { print $2 }')"
    for name in "${servers[@]}"; do
        case $name in
            kestrel) printf ', ASP.NET Core %s' "$(newest_runtime Microsoft.AspNetCore.App)" ;;
            gyre-io_uring) printf ', .NET %s' "$(newest_runtime Microsoft.NETCore.App)" ;;
            nginx) printf ', %s' "$(nginx -v 2>&1 | sed 's/nginx version: //')" ;;
            go) printf ', Go %s' "$(go env GOVERSION | sed 's/^go//')" ;;
            node) printf ', Node %s' "$(node --version)" ;;
        esac
    done
    printf '.\n\n'
}

newest_runtime() { # framework
    dotnet --list-runtimes | awk -v name="$1" '$1 == name && $2 ~ /^10\./ { newest = $2 } END { print newest }'
}
