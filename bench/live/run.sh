#!/usr/bin/env bash
# Live managed bytes of an idle keep-alive connection: what a full collection leaves with N of them, less what it leaves
# without. Native memory per connection is a slot of 8 bytes in the driver's table. Usage: bench/live/run.sh [N] [DRIVER]
set -euo pipefail
cd "$(dirname "$0")/../.."
count=${1:-9000}
driver=${2:-auto}
port=8197
work=$(mktemp -d)
server=
finish() {
    exec 9>&- || true
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

cc -O2 -o "$work/idle" bench/servers/idle/idle.c
dotnet build -c Release -v quiet -nologo bench/live/live.csproj
GYRE_DRIVER=$driver dotnet bench/live/bin/Release/net10.0/live.dll "$port" >"$work/out" &
server=$!
until grep -q ready "$work/out"; do sleep 0.1; done
live() { curl -s "http://127.0.0.1:$port/live"; }
live >/dev/null
mkfifo "$work/hold"
hold() { # holds $count connections until descriptor 9 is closed
    "$work/idle" 127.0.0.1 "$port" "$count" <"$work/hold" >"$work/idle.out" &
    holder=$!
    exec 9>"$work/hold"
    until grep -q '^holding' "$work/idle.out"; do kill -0 "$holder"; sleep 0.1; done
}
# Once for the pools and tables that grow and stay, then for real.
hold; exec 9>&-; wait "$holder"
sleep 1
before=$(live)
: >"$work/idle.out"
hold
after=$(live)
exec 9>&-
wait "$holder"
echo "driver $driver: $(((after - before) / count)) live managed bytes per idle connection ($count connections, $before -> $after)"
