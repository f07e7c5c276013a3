#!/usr/bin/env bash
# Live bytes of an idle keep-alive connection, managed and native: what lives after a full collection with N of them, less what
# lives without. Usage: bench/live/run.sh [N] [DRIVER]
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
read -r managed_before native_before < <(live && echo)
: >"$work/idle.out"
hold
read -r managed_after native_after < <(live && echo)
exec 9>&-
wait "$holder"
managed=$(((managed_after - managed_before) / count))
native=$(((native_after - native_before) / count))
echo "driver $driver: $managed managed and $native native bytes live per idle connection, $((managed + native)) in all ($count connections)"
