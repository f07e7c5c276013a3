# Turns the lines that measure.sh recorded into markdown tables: medians over rounds, and ratios that are computed round by
# round, because two servers measured seconds apart share the machine's mood and two medians don't.

BEGIN {
    FS = "\t"
    servers_count = split(order, servers, " ")
}

$1 == "load1" || $1 == "load16" {
    depth = substr($1, 5)
    put("cpu" depth, $2, $3, $6 / $4 / 1000)
    put("rate" depth, $2, $3, $4 / $5 * 1e6)
    put("others" depth, $2, $3, 100 * $10 / ($5 * 1000))
    if (depth == 1) {
        put("p50", $2, $3, $7)
        put("p99", $2, $3, $8)
        put("resident", $2, $3, $9 / 1024)
    }
}

$1 == "calls" {
    put("calls", $2, $3, $5 / $4)
    counter = $6
}

$1 == "idle" {
    idle_before[$3] = $5 / 1024
    idle_after[$3] = $6 / 1024
    put("idle", $2, $3, ($6 - $5) * 1024 / $4)
}

END {
    load_table()
    pipelined_table()
    quiet_note()
    idle_table()
    ratio_table()
}

function put(figure, round, server, value) {
    values[figure, server, round] = value
}

# --- statistics: each sets `median`, `least` and `most` and returns the number of rounds -------------------------------

function gather(figure, server,    round, count) {
    count = 0
    for (round = 1; round <= rounds; round++)
        if ((figure, server, round) in values)
            sorted[++count] = values[figure, server, round]
    return summarize(count)
}

function gather_ratio(figure, server, other,    round, count) {
    count = 0
    for (round = 1; round <= rounds; round++)
        if ((figure, server, round) in values && (figure, other, round) in values)
            sorted[++count] = values[figure, server, round] / values[figure, other, round]
    return summarize(count)
}

function summarize(count,    i, j, value) {
    for (i = 2; i <= count; i++) {
        value = sorted[i]
        for (j = i - 1; j >= 1 && sorted[j] > value; j--)
            sorted[j + 1] = sorted[j]
        sorted[j + 1] = value
    }
    if (count == 0)
        return 0
    least = sorted[1]
    most = sorted[count]
    median = count % 2 ? sorted[(count + 1) / 2] : (sorted[count / 2] + sorted[count / 2 + 1]) / 2
    return count
}

# --- cells --------------------------------------------------------------------------------------------------------------

function cell(figure, server, format) {
    return gather(figure, server) ? sprintf(format " (" format "–" format ")", median, least, most) : "–"
}

function short_cell(figure, server, format) {
    return gather(figure, server) ? sprintf(format, median) : "–"
}

function ratio_cell(figure, server, other) {
    return gather_ratio(figure, server, other) ? sprintf("%.2f", median) : "–"
}

# --- tables -------------------------------------------------------------------------------------------------------------

function load_table(    i, s) {
    printf "%d connections, no pipelining, %d rounds of %d s: median (least–most)\n\n", connections, rounds, seconds
    print "| server | CPU µs/request | × c-io_uring | requests/s | p50 µs | p99 µs | resident MB |" \
        " system calls/request | other CPU % |"
    print "|---|---|---|---|---|---|---|---|---|"
    for (i = 1; i <= servers_count; i++) {
        s = servers[i]
        printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", s, cell("cpu1", s, "%.2f"),
            ratio_cell("cpu1", s, "c-io_uring"), cell("rate1", s, "%.0f"), short_cell("p50", s, "%.0f"),
            short_cell("p99", s, "%.0f"), short_cell("resident", s, "%.1f"), short_cell("calls", s, "%.3f"),
            short_cell("others1", s, "%.0f")
    }
    if (counter == "strace")
        print "\nSystem calls were counted by strace, which slows the server: the figure is too low."
    print ""
}

function pipelined_table(    i, s) {
    printf "%d connections, pipelined ×16\n\n", connections
    print "| server | CPU µs/request | × c-io_uring | requests/s | other CPU % |"
    print "|---|---|---|---|---|"
    for (i = 1; i <= servers_count; i++) {
        s = servers[i]
        printf "| %s | %s | %s | %s | %s |\n", s, cell("cpu16", s, "%.3f"), ratio_cell("cpu16", s, "c-io_uring"),
            cell("rate16", s, "%.0f"), short_cell("others16", s, "%.0f")
    }
    print ""
}

function quiet_note(    i, s) {
    for (i = 1; i <= servers_count; i++) {
        s = servers[i]
        if ((gather("others1", s) && most > 10) || (gather("others16", s) && most > 10)) {
            print "Something else used the machine during some of this (\"other CPU\" above 10 % in a round):"
            print "measure again on a quiet one before believing an absolute figure.\n"
            return
        }
    }
}

function idle_table(    i, s, any) {
    for (i = 1; i <= servers_count; i++)
        any = any || (servers[i] in idle_before)
    if (!any)
        return
    printf "%d idle keep-alive connections\n\n", idle_connections
    print "| server | resident MB before | with them | bytes/connection |"
    print "|---|---|---|---|"
    for (i = 1; i <= servers_count; i++) {
        s = servers[i]
        if (s in idle_before)
            printf "| %s | %.1f | %.1f | %s |\n", s, idle_before[s], idle_after[s], short_cell("idle", s, "%.0f")
    }
    print ""
}

# The bars are the project's own targets; see "Bars" in bench/README.md.
function ratio_table() {
    print "Ratios, computed round by round, and the bars\n"
    print "| figure | median | least–most | bar | |"
    print "|---|---|---|---|---|"
    ratio_row("CPU/request, gyre-io_uring / c-io_uring", "cpu1", "gyre-io_uring", "c-io_uring", 1.20)
    ratio_row("CPU/request, gyre-epoll / c-epoll", "cpu1", "gyre-epoll", "c-epoll", 1.30)
    ratio_row("CPU/request, gyre-io_uring / kestrel", "cpu1", "gyre-io_uring", "kestrel", 0.36)
    ratio_row("CPU/request, gyre-sockets / kestrel", "cpu1", "gyre-sockets", "kestrel", 0.90)
    limit_row("for comparison, no Gyre in it: CPU/request, c-io_uring / kestrel", "cpu1", "c-io_uring", "kestrel")
    ratio_row("CPU/request pipelined ×16, gyre-io_uring / c-io_uring", "cpu16", "gyre-io_uring", "c-io_uring", 1.50)
    ratio_row("system calls/request, gyre-io_uring / c-io_uring", "calls", "gyre-io_uring", "c-io_uring", 1.20)
    value_row("idle connection, resident bytes, gyre-io_uring", "idle", "gyre-io_uring", 2560)
}

function ratio_row(title, figure, server, other, bar) {
    if (gather_ratio(figure, server, other))
        printf "| %s | %.2f | %.2f–%.2f | ≤ %.2f | %s |\n", title, median, least, most, bar, verdict(bar)
    else
        printf "| %s | – | – | ≤ %.2f | not measured |\n", title, bar
}

# No bar: what a Gyre that cost nothing above the kernel would reach.
function limit_row(title, figure, server, other) {
    if (gather_ratio(figure, server, other))
        printf "| %s | %.2f | %.2f–%.2f | | |\n", title, median, least, most
}

function value_row(title, figure, server, bar) {
    if (gather(figure, server))
        printf "| %s | %.0f | – | ≤ %d | %s |\n", title, median, bar, verdict(bar)
    else
        printf "| %s | – | – | ≤ %d | not measured |\n", title, bar
}

function verdict(bar) {
    return median <= bar ? "met" : "missed"
}
