#!/usr/bin/env bash
# Brings the PublicAPI.Unshipped.txt files up to date with the sources: run it after changing a public member, and read
# the difference, because it is the change of the contract that users will see.
set -euo pipefail
cd "$(dirname "$0")/.."

for project in src/Gyre src/Gyre.Http src/Gyre.Simulation; do
    name=$(basename "$project")
    file="$project/PublicAPI.Unshipped.txt"
    printf '#nullable enable\n' > "$file"
    # The analyzer names each undeclared symbol in the very form that the file wants.
    { dotnet build "$project" -c Release --no-incremental -p:TreatWarningsAsErrors=false 2>&1 || true; } |
        { grep -F "$name.csproj]" || true; } |
        sed -nE "s/^.*(warning|error) RS0016: Symbol '(.*)' is not part of the declared public API.*$/\2/p" |
        LC_ALL=C sort -u > "$file.new"
    cat "$file.new" >> "$file"
    rm "$file.new"
    echo "$file: $(($(wc -l < "$file") - 1)) symbols"
done
