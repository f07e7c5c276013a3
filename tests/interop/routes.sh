# shellcheck shell=bash
# The routes of samples/KitchenSink as curl sees them; .ci/interop sources this and calls routes DRIVER. Needs check, $address,
# $https_address, $certificate, $root and $scratch.

ask() { curl -sS -m 10 "$@"; }

# answers STATUS BODY ARGUMENTS...: curl gets exactly this, but for line ends at the end.
answers() {
    local status=$1 body=$2 got
    shift 2
    got=$(ask -o "$scratch/body" -w '%{http_code}' "$@") || return 1
    [ "$got" = "$status" ] && [ "$(cat "$scratch/body")" = "$body" ] || { printf 'got %s: %s\n' "$got" "$(cat "$scratch/body")"; return 1; }
}

# tells PATTERN ARGUMENTS...: a line of the answer, head and body, matches the pattern.
tells() {
    local pattern=$1
    shift
    ask -i "$@" >"$scratch/told" && tr -d '\r' <"$scratch/told" | grep -qE "$pattern" || { cat "$scratch/told"; return 1; }
}

status_of() { ask -o /dev/null -w '%{http_code}' "$@"; }

is_status() {
    local status=$1 got
    shift
    got=$(status_of "$@")
    [ "$got" = "$status" ] || { printf 'got: %s\n' "$got"; return 1; }
}

echoes_a_megabyte() { ask --data-binary "@$root/megabyte.bin" -H 'Content-Type: image/x-odd' "$address/" | cmp - "$root/megabyte.bin"; }

digest_of() { printf '{"bytes":%d,"sha256":"%s"}' "$(stat -c %s "$1")" "$(sha256sum "$1" | cut -d ' ' -f 1)"; }

echoes_headers() {
    answers 200 "$(printf 'Host: b\nX-One: 1\nX-Two: 2')" -H 'Host: b' -H 'User-Agent:' -H 'Accept:' -H 'X-One: 1' -H 'X-Two: 2' "$address/echo"
}

knows_what_it_sent() {
    local tag date
    ask -D "$scratch/head" -o /dev/null "$address/static/hundred.txt"
    tag=$(tr -d '\r' <"$scratch/head" | sed -n 's/^etag: //ip')
    date=$(tr -d '\r' <"$scratch/head" | sed -n 's/^last-modified: //ip')
    [ -n "$tag" ] && [ -n "$date" ] && is_status 304 -H "If-None-Match: $tag" "$address/static/hundred.txt" &&
        is_status 304 -H "If-Modified-Since: $date" "$address/static/hundred.txt" &&
        is_status 200 -H 'If-None-Match: "other"' -H "If-Modified-Since: $date" "$address/static/hundred.txt" &&
        is_status 412 -H 'If-Match: "other"' "$address/static/hundred.txt" &&
        is_status 206 -H "If-Range: $tag" -r 0-9 "$address/static/hundred.txt" &&
        is_status 200 -H 'If-Range: "other"' -r 0-9 "$address/static/hundred.txt"
}

serves_ranges() {
    answers 206 0123456789 -r 0-9 "$address/static/hundred.txt" && answers 206 789 -r -3 "$address/static/hundred.txt" &&
        answers 206 9 -r 99-500 "$address/static/hundred.txt" && is_status 416 -r 100- "$address/static/hundred.txt" &&
        tells '^Content-Range: bytes \*/100$' -r 100- "$address/static/hundred.txt" &&
        tells '^Content-Type: multipart/byteranges; ?boundary=' -r 0-1,4-5 "$address/static/hundred.txt"
}

serves_big_files() { ask "$address/static/big.bin" | cmp - "$root/big.bin"; }

# Whatever is beside the root stays there: plain, encoded once and twice, with backslashes, NUL, through a link.
keeps_inside() {
    local path got
    for path in ../secret.txt %2e%2e/secret.txt ..%2fsecret.txt sub/../../secret.txt %252e%252e/secret.txt '..\secret.txt' \
        '..%5csecret.txt' 'hundred.txt%00' '/../secret.txt' '%2f%2e%2e/secret.txt' link.txt folder/secret.txt; do
        got=$(ask --path-as-is -w '\n%{http_code}' "$address/static/$path")
        if [[ $got == *outside* || ! $got == *$'\n'4?? ]]; then
            printf '%s: %s\n' "$path" "$got"
            return 1
        fi
    done
}

redirects_folders() {
    tells '^Location: /static/sub/$' "$address/static/sub" && is_status 301 "$address/static/sub" && is_status 200 "$address/static/sub/"
}

lists_form() {
    local file
    file=$(digest_of "$root/megabyte.bin")
    answers 200 "[{\"name\":\"file\",\"fileName\":\"megabyte.bin\",\"contentType\":\"application/octet-stream\",${file:1},$(
    )$(printf '{"name":"text","fileName":null,"contentType":null,"bytes":3,"sha256":"%s"}]' "$(printf abc | sha256sum | cut -d ' ' -f 1)")" \
        -F "file=@$root/megabyte.bin" -F text=abc "$address/form"
}

waits_for_continue() { tells '^HTTP/1.1 100 Continue$' -H 'Expect: 100-continue' --data-binary hello "$address/"; }

keeps_connections() {
    [ "$(ask -o /dev/null -o /dev/null -o /dev/null -w '%{num_connects};' "$address/" "$address/stream?n=3" "$address/nothing")" = '1;0;0;' ]
}

speaks_1_0() {
    ask -0 -i "$address/stream?n=2" | tr -d '\r' >"$scratch/old" && ! grep -qi '^transfer-encoding' "$scratch/old" &&
        [ "$(tail -n 2 "$scratch/old")" = "$(printf 'chunk 0\nchunk 1')" ]
}

fails_quietly() {
    tells '^Content-Type: application/problem\+json' "$address/throw" && is_status 500 "$address/throw" && ! grep -q 'always fails' "$scratch/told"
}

compresses() {
    printf 'again and again %.0s' {1..500} >"$scratch/text"
    tells '^Content-Encoding: gzip$' -H 'Accept-Encoding: gzip' -H 'Content-Type: text/plain' --data-binary "@$scratch/text" --output - "$address/" &&
        ask --compressed -H 'Content-Type: text/plain' --data-binary "@$scratch/text" "$address/" | cmp - "$scratch/text"
}

routes() {
    local driver=$1
    check "$driver: GET /" answers 200 'Hello, World!' "$address/"
    check "$driver: HEAD /" tells '^Content-Length: 13$' -I "$address/"
    check "$driver: POST / echoes" answers 200 abc -d abc "$address/"
    check "$driver: POST / keeps the content type" tells '^Content-Type: image/x-odd$' -H 'Content-Type: image/x-odd' -d abc "$address/"
    check "$driver: POST / echoes a megabyte" echoes_a_megabyte
    check "$driver: OPTIONS / is 204" is_status 204 -X OPTIONS "$address/"
    check "$driver: OPTIONS / tells the methods" tells '^Allow: GET, HEAD, POST, OPTIONS$' -X OPTIONS "$address/"
    check "$driver: another method is 405" is_status 405 -X DELETE "$address/"
    check "$driver: another path is 404" is_status 404 "$address/nothing"
    check "$driver: /echo" echoes_headers
    check "$driver: /cookie" answers 200 "$(printf 'a=b\nc=d')" -b 'a=b; c=d' "$address/cookie"
    check "$driver: /cookie sets one" tells '^Set-Cookie: seen=yes; Path=/; HttpOnly; SameSite=Lax$' "$address/cookie"
    check "$driver: /users/{id}" answers 200 '{"id":"7","name":"User 7"}' "$address/users/7"
    check "$driver: /users/{id} is decoded once" answers 200 '{"id":"%41","name":"User %41"}' "$address/users/%2541"
    check "$driver: /stream is chunked" tells '^Transfer-Encoding: chunked$' "$address/stream?n=3"
    check "$driver: /stream" answers 200 "$(printf 'chunk 0\nchunk 1\nchunk 2')" "$address/stream?n=3"
    check "$driver: /sse" tells '^data: 1$' "$address/sse?n=2"
    check "$driver: /slow" answers 200 late "$address/slow?ms=50"
    check "$driver: /upload" answers 200 "$(digest_of "$root/megabyte.bin")" -T "$root/megabyte.bin" "$address/upload"
    check "$driver: /upload in chunks" answers 200 "$(digest_of "$root/megabyte.bin")" -H 'Transfer-Encoding: chunked' -T "$root/megabyte.bin" "$address/upload"
    check "$driver: /form" lists_form
    check "$driver: /throw" fails_quietly
    check "$driver: /health" is_status 200 "$address/health"
    check "$driver: /ready" is_status 200 "$address/ready"
    check "$driver: a file" answers 200 "$(cat "$root/hundred.txt")" "$address/static/hundred.txt"
    check "$driver: a big file" serves_big_files
    check "$driver: conditions" knows_what_it_sent
    check "$driver: ranges" serves_ranges
    check "$driver: a folder is redirected" redirects_folders
    check "$driver: nothing outside of the root" keeps_inside
    check "$driver: compression" compresses
    check "$driver: Expect: 100-continue" waits_for_continue
    check "$driver: requests share a connection" keeps_connections
    check "$driver: HTTP/1.0" speaks_1_0
    check "$driver: https" answers 200 'Hello, World!' --cacert "$certificate" "$https_address/"
    check "$driver: https, a big file" bash -c "curl -sS -m 20 --cacert '$certificate' '$https_address/static/big.bin' | cmp - '$root/big.bin'"
    check "$driver: https without trust" bash -c "! curl -s -m 5 '$https_address/'"
}
