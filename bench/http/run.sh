#!/usr/bin/env bash
# What a web server does besides saying hello: routing and middleware, JSON, connections, files, bodies, TLS. Gyre beside Kestrel,
# nginx, Go and Node, in one run: server pinned to core 0, load to core 1, CPU time of the server per request. See bench/README.md.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
artifacts=$here/artifacts # ignored by git; kept, so that a second run builds faster
rounds=3
seconds=2
only=
out=
port_first=18300

# job        path               connections  servers, the reference of each bar among them
jobs=(
    "hello      /                  64 gyre gyre-three gyre-epoll gyre-sockets kestrel nginx go node"
    "json       /json/7            64 gyre gyre-epoll gyre-sockets kestrel go node"
    "connection /                  64 gyre gyre-epoll gyre-sockets kestrel nginx go node"
    "file-1k    /static/1k.bin     64 gyre gyre-epoll gyre-sockets kestrel nginx"
    "file-1m    /static/1m.bin     16 gyre gyre-epoll gyre-sockets kestrel nginx"
    "upload-1m  /upload            16 gyre gyre-epoll gyre-sockets kestrel go"
    "download-1m /download         16 gyre gyre-epoll gyre-sockets kestrel go"
    "tls        /                  64 gyre gyre-epoll gyre-sockets kestrel nginx"
    "handshake  /                  16 gyre gyre-epoll gyre-sockets kestrel nginx"
)

say() { printf '%s\n' "$*" >&2; }
die() {
    say "bench: $*"
    exit 1
}

usage() {
    cat <<END
Usage: bench/http/run.sh [--rounds N] [--seconds S] [--only JOB[,JOB...]] [--out FILE]

  --rounds N    interleaved rounds (default $rounds)
  --seconds S   length of one measurement (default $seconds)
  --only LIST   only these jobs
  --out FILE    also write the table to FILE, as markdown

Jobs: $(printf '%s ' "${jobs[@]%% *}")
Needs gcc, wrk, curl, openssl, and two cores; nginx, go and node are left out where they are missing.
END
}

while (($# > 0)); do
    case $1 in
        --rounds) rounds=$2 && shift ;;
        --seconds) seconds=$2 && shift ;;
        --only) only=$2 && shift ;;
        --out) out=$2 && shift ;;
        --help | -h) usage && exit 0 ;;
        *) die "unknown option '$1'; --help lists them" ;;
    esac
    shift
done

for tool in gcc wrk curl openssl taskset awk dotnet; do
    command -v "$tool" >/dev/null || die "'$tool' is needed and missing"
done

work=$(mktemp -d)
chmod 755 "$work" # nginx's worker runs as another user
declare -A server_pid plain_port tls_port

stop_all() {
    local name pid
    for name in "${!server_pid[@]}"; do
        pid=${server_pid[$name]}
        kill -TERM "$pid" 2>/dev/null || true
    done
    sleep 0.5
    for name in "${!server_pid[@]}"; do
        kill -KILL "${server_pid[$name]}" 2>/dev/null || true
        wait "${server_pid[$name]}" 2>/dev/null || true
    done
}
trap 'stop_all; rm -rf "$work"' EXIT

# --- what is served ------------------------------------------------------------------------------------------------

prepare() {
    mkdir -p "$artifacts" "$work/root/static"
    gcc -O2 -o "$artifacts/cputime" "$here/../servers/cputime/cputime.c"
    gcc -O2 -o "$artifacts/openloop" "$here/openloop/openloop.c"
    head -c 1024 /dev/urandom >"$work/root/static/1k.bin"
    head -c 1048576 /dev/urandom >"$work/root/static/1m.bin"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null
    openssl pkcs12 -export -passout pass: -inkey "$work/key.pem" -in "$work/certificate.pem" -out "$work/certificate.pfx"
    publish "$here/gyre" gyre
    publish "$here/kestrel" kestrel
    ! command -v go >/dev/null || go build -o "$artifacts/go-http" "$here/go/main.go"
}

publish() { # project, name
    say "bench: building $2"
    dotnet publish "$1" -c Release -o "$artifacts/$2" --disable-build-servers --nologo -v quiet \
        -p:UseArtifactsOutput=true "-p:ArtifactsPath=$artifacts/build" >"$work/build.log" 2>&1 || {
        cat "$work/build.log" >&2
        die "$2 didn't build"
    }
}

nginx_configuration() { # port, tls port
    cat <<END
daemon off;
worker_processes 1;
worker_rlimit_nofile $(ulimit -n);
pid $work/nginx.pid;
error_log $work/nginx.error.log;
events { worker_connections $(ulimit -n); }
http {
    access_log off;
    default_type text/plain;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 3600s;
    keepalive_requests 1000000000;
    client_body_temp_path $work/nginx-body;
    proxy_temp_path $work/nginx-proxy;
    fastcgi_temp_path $work/nginx-fastcgi;
    uwsgi_temp_path $work/nginx-uwsgi;
    scgi_temp_path $work/nginx-scgi;
    server {
        listen 127.0.0.1:$1 backlog=4096;
        listen 127.0.0.1:$2 ssl backlog=4096;
        ssl_certificate $work/certificate.pem;
        ssl_certificate_key $work/key.pem;
        location = / { return 200 "Hello, World!"; }
        location /static/ { root $work/root; }
    }
}
END
}

available() { # server
    case $1 in
        nginx | go | node) command -v "$1" >/dev/null ;;
    esac
}

start() { # server, port
    local name=$1 port=$2 url="http://127.0.0.1:$2" https="https://127.0.0.1:$(($2 + 1))" files="$work/root/static" i
    local -a command
    case $name in
        gyre) command=(dotnet "$artifacts/gyre/gyre-http.dll" "$url" "$https" "$files" "$work/certificate.pfx") ;;
        gyre-three) command=(dotnet "$artifacts/gyre/gyre-http.dll" "$url" "$https" "$files" "$work/certificate.pfx" --three) ;;
        gyre-*) command=(dotnet "$artifacts/gyre/gyre-http.dll" "$url" "$https" "$files" "$work/certificate.pfx" --driver "${name#gyre-}") ;;
        kestrel) command=(dotnet "$artifacts/kestrel/kestrel-http.dll" "$url" "$https" "$files" "$work/certificate.pfx") ;;
        nginx)
            nginx_configuration "$port" $((port + 1)) >"$work/nginx.conf"
            command=(nginx -p "$work" -c "$work/nginx.conf")
            ;;
        go) command=(env GOMAXPROCS=1 "$artifacts/go-http" "127.0.0.1:$port") ;;
        node) command=(node "$here/node/server.js" "$port") ;;
    esac
    taskset -c 0 "${command[@]}" >"$work/$name.log" 2>&1 </dev/null &
    server_pid[$name]=$!
    plain_port[$name]=$port
    tls_port[$name]=$((port + 1))
    for ((i = 0; i < 100; i++)); do
        ! curl -s -m 1 -o /dev/null "$url/" || return 0
        kill -0 "${server_pid[$name]}" 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/$name.log" >&2
    die "$name doesn't answer"
}

process_tree() { # pid
    local child
    echo "$1"
    for child in $(pgrep -P "$1"); do
        process_tree "$child"
    done
}

# --- load ----------------------------------------------------------------------------------------------------------

load() { # job, path, connections, server, seconds
    local url="http://127.0.0.1:${plain_port[$4]}$2" method=GET bytes=0 close=0
    case $1 in
        tls) url="https://127.0.0.1:${tls_port[$4]}$2" ;;
        handshake) url="https://127.0.0.1:${tls_port[$4]}$2" close=1 ;;
        connection) close=1 ;;
        upload-1m) method=POST bytes=1048576 ;;
    esac
    METHOD=$method BODY_BYTES=$bytes CLOSE=$close taskset -c 1 wrk -t1 "-c$3" "-d${5}s" -s "$here/wrk.lua" "$url" >"$work/wrk.out" 2>&1 || true
    read -r _ load_requests load_us load_p50 load_p99 load_errors < <(grep '^RESULT ' "$work/wrk.out") || {
        cat "$work/wrk.out" >&2
        die "wrk against $4 gave no result for $1"
    }
    ((load_requests > 0)) || die "$4 answered nothing to $1"
    # A server that answers wrongly has no speed. (A connection closed behind its answer may count as a read error in wrk.)
    ! grep -q 'Non-2xx' "$work/wrk.out" || die "$4 doesn't answer $1 with 200"
    ((load_errors == 0)) || say "bench: $1 $4: wrk counted $load_errors errors of $load_requests"
}

measure() { # round, job, path, connections, server
    local before after
    local -a pids
    mapfile -t pids < <(process_tree "${server_pid[$5]}")
    load "$2" "$3" "$4" "$5" 1
    before=$("$artifacts/cputime" "${pids[@]}")
    load "$2" "$3" "$4" "$5" "$seconds"
    after=$("$artifacts/cputime" "${pids[@]}")
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$5" "$load_requests" $((after - before)) "$load_p99" >>"$work/results"
    awk -v r="$1" -v j="$2" -v s="$5" -v n="$load_requests" -v ns=$((after - before)) \
        'BEGIN { printf "bench: round %d  %-12s %-11s %9.2f us/request  (%d)\n", r, j, s, ns / n / 1000, n }' >&2
}

wanted() { [[ -z $only || ",$only," == *",$1,"* ]]; }

run_jobs() {
    local line job path connections round port=$port_first server
    local -a names
    for line in "${jobs[@]}"; do
        read -r job path connections names <<<"$line"
        wanted "$job" || continue
        for server in $names; do
            if available "$server" && [[ -z ${server_pid[$server]:-} ]]; then
                start "$server" "$port"
                port=$((port + 2))
            fi
        done
    done
    say 'bench: settling (not counted)'
    for line in "${jobs[@]}"; do
        read -r job path connections names <<<"$line"
        wanted "$job" || continue
        for server in $names; do
            ! available "$server" || load "$job" "$path" "$connections" "$server" 3
        done
    done
    for ((round = 1; round <= rounds; round++)); do
        for line in "${jobs[@]}"; do
            read -r job path connections names <<<"$line"
            wanted "$job" || continue
            for server in $names; do
                ! available "$server" || measure "$round" "$job" "$path" "$connections" "$server"
            done
        done
    done
}

# The tail at a fixed rate: half of what Kestrel can do, from an open loop, so that a stall costs all that it held up.
measure_tail() {
    local rate server round
    rate=$(awk -F'\t' -v s="$seconds" '$2 == "hello" && $3 == "kestrel" { n += $4; c++ } END { print int(n / c / s / 2) }' "$work/results")
    for ((round = 1; round <= rounds; round++)); do
        for server in gyre kestrel nginx go; do
            available "$server" || continue
            taskset -c 1 "$artifacts/openloop" 127.0.0.1 "${plain_port[$server]}" / "$rate" 5 64 >"$work/tail.out" ||
                die "the open loop failed against $server"
            printf '%s\t%s\t%s\n' "$round" "$server" "$(tr ' ' '\t' <"$work/tail.out")" >>"$work/tails"
        done
    done
    printf '\nOpen loop at %s requests/s (half of what Kestrel does), 64 connections, medians of %s rounds of 5 s:\n\n' "$rate" "$rounds"
    awk -f "$here/tail.awk" "$work/tails"
}

report() {
    awk -f "$here/report.awk" "$work/results"
    if wanted hello && [[ -n ${server_pid[kestrel]:-} ]]; then
        measure_tail
    fi
}

prepare
run_jobs
report | if [[ -n $out ]]; then tee "$out"; else cat; fi
