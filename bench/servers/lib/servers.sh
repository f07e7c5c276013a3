# shellcheck shell=bash
# The servers: what each needs, how it is built, started, checked and stopped. Sourced by run.sh.

declare -A server_pid server_port
hello_project=$repository/samples/Hello

# --- needs ---------------------------------------------------------------------------------------------------------

# Prints why this server can't run here, or nothing.
server_missing() {
    case $1 in
        gyre-*)
            compgen -G "$hello_project/*.csproj" >/dev/null || echo 'samples/Hello has no project yet'
            missing_dotnet
            ;;
        kestrel*) missing_dotnet ;;
        nginx) command -v nginx >/dev/null || echo 'not installed (apt-get install nginx-light)' ;;
        go) command -v go >/dev/null || echo 'not installed (apt-get install golang-go)' ;;
        node) command -v node >/dev/null || echo 'not installed (apt-get install nodejs)' ;;
    esac
}

missing_dotnet() {
    command -v dotnet >/dev/null ||
        echo 'the .NET SDK is not installed (apt-get install dotnet-sdk-10.0 from the Microsoft or distribution feed)'
}

# --- build ---------------------------------------------------------------------------------------------------------

compile_c() { # source, program
    gcc -O3 -march=native -Wall -Wextra -o "$artifacts/$2" "$here/$1" ||
        die "$1 didn't compile; it needs the headers of Linux 6.1 (apt-get install libc6-dev linux-libc-dev)"
}

build_tools() {
    mkdir -p "$artifacts"
    compile_c cputime/cputime.c cputime
    compile_c idle/idle.c idle
}

# Output and intermediate files go below artifacts/, so that this never collides with a build by someone else. No build
# server stays behind to use CPU during the measurements.
publish() { # project, name
    say "bench: building $2"
    dotnet publish "$1" -c Release -o "$artifacts/$2" --disable-build-servers --nologo -v quiet \
        -p:UseArtifactsOutput=true "-p:ArtifactsPath=$artifacts/build" >"$work/build.log" 2>&1 || {
        cat "$work/build.log" >&2
        die "$2 didn't build"
    }
}

build_servers() {
    local name gyre=false kestrel=false
    for name in "${servers[@]}"; do
        case $name in
            c-*) compile_c "reference/$name.c" "$name" ;;
            go) go build -o "$artifacts/go-hello" "$here/go/main.go" || die 'the Go server did not build' ;;
            gyre-*) gyre=true ;;
            kestrel*) kestrel=true ;;
        esac
    done
    if $gyre; then
        publish "$hello_project" hello
    fi
    if $kestrel; then
        publish "$here/kestrel" kestrel
    fi
}

# The program of a published directory: the one assembly that has a runtime configuration.
published_dll() { # name
    local config
    config=$(compgen -G "$artifacts/$1/*.runtimeconfig.json") || die "nothing to run in $artifacts/$1"
    printf '%s.dll\n' "${config%.runtimeconfig.json}"
}

# --- start and stop ------------------------------------------------------------------------------------------------

nginx_configuration() { # port
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
    keepalive_timeout 3600s;
    keepalive_requests 1000000000;
    client_body_temp_path $work/nginx-body;
    proxy_temp_path $work/nginx-proxy;
    fastcgi_temp_path $work/nginx-fastcgi;
    uwsgi_temp_path $work/nginx-uwsgi;
    scgi_temp_path $work/nginx-scgi;
    server {
        listen 127.0.0.1:$1 backlog=4096;
        location / { return 200 "Hello, World!"; }
    }
}
END
}

# Fills `command` with what runs this server. Everything that has threads sees one core only, by its affinity.
server_command() { # name, port
    local url=http://127.0.0.1:$2
    case $1 in
        c-*) command=("$artifacts/$1" "$2") ;;
        gyre-*) command=(dotnet "$(published_dll hello)" --urls "$url" --loops 1 --driver "${1#gyre-}") ;;
        kestrel) command=(dotnet "$(published_dll kestrel)" "$url") ;;
        kestrel-inline)
            command=(env DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS=1
                dotnet "$(published_dll kestrel)" "$url" --inline)
            ;;
        nginx)
            nginx_configuration "$2" >"$work/nginx.conf"
            command=(nginx -p "$work" -c "$work/nginx.conf")
            ;;
        go) command=(env GOMAXPROCS=1 "$artifacts/go-hello" "127.0.0.1:$2") ;;
        node) command=(node "$here/node/server.js" "$2") ;;
    esac
}

port_in_use() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start_server() { # name
    local name=$1 port i
    local -a command
    for ((i = 0; i < ${#all_servers[@]}; i++)); do
        [[ ${all_servers[i]} != "$name" ]] || port=$((port_first + i))
    done
    ! port_in_use "$port" || die "port $port is in use; choose others with --port"
    server_command "$name" "$port"
    taskset -c 0 "${command[@]}" >"$work/$name.log" 2>&1 </dev/null &
    server_pid[$name]=$!
    server_port[$name]=$port
    for ((i = 0; i < 100; i++)); do
        ! port_in_use "$port" || break
        kill -0 "${server_pid[$name]}" 2>/dev/null || break
        sleep 0.1
    done
    check_answer "$name"
}

# A server that answers wrongly has no speed.
check_answer() { # name
    local answer
    answer=$(curl --silent --max-time 5 --write-out '\n%{http_code} %{content_type}' \
        "http://127.0.0.1:${server_port[$1]}/") || true
    if [[ $answer != $'Hello, World!\n200 text/plain'* ]]; then
        tail -20 "$work/$1.log" >&2
        die "$1 doesn't answer 200, text/plain, 'Hello, World!' but '$answer'; its output is above"
    fi
}

# The process and all its descendants: nginx serves from a child.
process_tree() { # pid
    local child
    echo "$1"
    for child in $(pgrep -P "$1"); do
        process_tree "$child"
    done
}

stop_server() { # name
    local pid=${server_pid[$1]} i
    unset "server_pid[$1]"
    kill -TERM "$pid" 2>/dev/null || true
    for ((i = 0; i < 50; i++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}

stop_all() {
    local name
    for name in "${!server_pid[@]}"; do
        stop_server "$name"
    done
    stop_helper
}
