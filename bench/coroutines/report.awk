# Turns the lines "mechanism round program CPU-ns wall-ns bytes" that run.sh recorded into a markdown table. Ratios are of one
# round each. With settled_only, says instead whether the last three rounds of that mechanism agree within 3 %.

BEGIN {
    bar("spawn", "spawn + join, the body doesn't suspend", "bcl", 0.2)
    bar("spawn-yield", "spawn + join, the body yields once", "bcl", 0.45)
    bar("spawn-task-yield", "the same, the very same body: `Task.Yield`", "bcl", 0.45)
    bar("spawn-now", "`SpawnNow` + join, the body doesn't suspend", "bcl", "")
    bar("group-10", "a group of 10 children", "bcl", "")
    bar("yield", "yield, alone", "go", 0.4)
    bar("yield-100", "yield, 100 coroutines in turn", "go", 0.4)
    bar("timer", "timer: add, cancel", "bcl", 0.3)
    bar("timer-reused", "timer: set, stop the same one", "bcl", "")
    bar("scope", "cancel scope: enter, leave", "bcl", "")
    bar("scope-reused", "an open scope: move the deadline, yield", "bcl", "")
    bar("move-on", "`MoveOnAfterAsync`: enter, leave", "bcl", "")
    bar("await-done", "await of a done future", "bcl", "")
    bar("future", "future: make, set, await suspended", "bcl", "")
    bar("send", "generator: send (an iterator's step)", "bcl", 1.5)
    bar("rendezvous", "rendezvous: a round trip (BCL: two channels of one item)", "go", 0.4)
    bar("buffered", "an item through a buffered channel", "go", 0.6)
    also("buffered", "bcl", 0.1)
    bar("select-2", "select of two: an item", "go", 0.5)
    bar("lock", "lock: acquire, release, nobody else wants it", "bcl", 0.5)
    bar("lock-contended", "lock: ten take turns, holding it over a yield", "bcl", "")
    bar("switch", "to a cooperative thread and back", "", "")
    bar("offload", "offloaded call that returns at once", "bcl", "")
    bar("sleepers", "one of 100,000 sleepers, all for 1 s", "bcl", 0.5)
    bar("sleepers-spread", "one of 100,000 sleepers, 0.5 to 1.5 s", "bcl", 0.5)
    bar("sleeping-flows", "the same as flows of one coroutine, 1 s", "bcl", "")
    bar("million-timers", "one of 1,000,000 pending timers: add, cancel", "bcl", "")
    bar("bytes-sleep", "a coroutine suspended in a sleep", "", "")
    bar("bytes-future", "a coroutine suspended in a wait for a future", "", "")
    bar("resident-thread", "a parked cooperative thread, resident", "", "")
    bytes_bar["yield"] = bytes_bar["yield-100"] = bytes_bar["timer-reused"] = bytes_bar["scope-reused"] = 0
    bytes_bar["rendezvous"] = bytes_bar["buffered"] = bytes_bar["select-2"] = bytes_bar["lock"] = bytes_bar["lock-contended"] = 0
    bytes_bar["switch"] = 0
    bytes_bar["resident-thread"] = 32768
    ns_bar["switch"] = 3000
    bytes_bar["bytes-sleep"] = bytes_bar["bytes-future"] = 512
}

function bar(mechanism, text, peer, ratio) {
    title[mechanism] = text
    peer_of[mechanism] = peer
    bar_of[mechanism] = ratio
}

# A second bar, against another program.
function also(mechanism, peer, ratio) {
    peer2_of[mechanism] = peer
    bar2_of[mechanism] = ratio
}

{
    rounds[$1] = $2
    cpu[$1, $3, $2] = $4
    bytes[$1, $3, $2] = $6
}

END {
    if (settled_only != "") {
        if (settled(settled_only)) {
            print "settled"
        }
        exit
    }
    table()
}

function ratio(mechanism, round, peer) {
    peer = peer_of[mechanism]
    if (peer == "" || cpu[mechanism, peer, round] + 0 == 0) {
        return 0
    }
    return cpu[mechanism, "gyre", round] / cpu[mechanism, peer, round]
}

# Median ratio to the second peer.
function ratio2(mechanism, i, n, peer) {
    peer = peer2_of[mechanism]
    n = 0
    for (i = 1; i <= rounds[mechanism]; i++) {
        if (cpu[mechanism, peer, i] + 0 > 0) {
            values[++n] = cpu[mechanism, "gyre", i] / cpu[mechanism, peer, i]
        }
    }
    if (n == 0) {
        return 0
    }
    spread(n)
    return median
}

function settled(mechanism, last, i, value, low, high) {
    last = rounds[mechanism]
    if (last < 3) {
        return 0
    }
    for (i = last - 2; i <= last; i++) {
        value = ratio(mechanism, i)
        low = i == last - 2 || value < low ? value : low
        high = i == last - 2 || value > high ? value : high
    }
    return high <= 1.03 * low
}

# Sets median, least and most of values[1..n].
function spread(n, i, j, value) {
    for (i = 2; i <= n; i++) {
        value = values[i]
        for (j = i - 1; j > 0 && values[j] > value; j--) {
            values[j + 1] = values[j]
        }
        values[j + 1] = value
    }
    least = values[1]
    most = values[n]
    median = n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
}

function nanoseconds(mechanism, program, i, n) {
    n = 0
    for (i = 1; i <= rounds[mechanism]; i++) {
        if (cpu[mechanism, program, i] ~ /^[0-9]/ && cpu[mechanism, program, i] > 0) {
            values[++n] = cpu[mechanism, program, i] + 0
        }
    }
    if (n == 0) {
        return "–"
    }
    spread(n)
    return median < 100 ? sprintf("%.1f", median) : sprintf("%.0f", median)
}

function held(mechanism, program, i, n) {
    n = 0
    for (i = 1; i <= rounds[mechanism]; i++) {
        if (bytes[mechanism, program, i] ~ /^[0-9]/) {
            values[++n] = bytes[mechanism, program, i] + 0
        }
    }
    if (n == 0) {
        return "–"
    }
    spread(n)
    # What is spread over hundreds of thousands of operations is what the measurement itself allocates.
    return median < 0.5 ? "0" : sprintf("%.0f", median)
}

function table(i, j, count, names, program_count, program, mechanism, line, rule, verdict, missed, n, second) {
    count = split(order, names, " ")
    program_count = split(programs, program, " ")
    line = "| mechanism |"
    rule = "|---|"
    for (j = 1; j <= program_count; j++) {
        line = line " " program[j] " ns |"
        rule = rule "---|"
    }
    for (j = 1; j <= program_count; j++) {
        if (program[j] != "asyncio" && program[j] != "pool") {
            line = line " " program[j] " bytes |"
            rule = rule "---|"
        }
    }
    print line " ratio to | median (least–most) | bar | | rounds |"
    print rule "---|---|---|---|---|"
    for (i = 1; i <= count; i++) {
        mechanism = names[i]
        line = "| " title[mechanism] " |"
        for (j = 1; j <= program_count; j++) {
            line = line " " nanoseconds(mechanism, program[j]) " |"
        }
        for (j = 1; j <= program_count; j++) {
            if (program[j] != "asyncio" && program[j] != "pool") {
                line = line " " held(mechanism, program[j]) " |"
            }
        }
        n = 0
        for (j = 1; j <= rounds[mechanism]; j++) {
            if (ratio(mechanism, j) > 0) {
                values[++n] = ratio(mechanism, j)
            }
        }
        if (n > 0) {
            spread(n)
            line = line " " peer_of[mechanism] " | " sprintf("%.2f (%.2f–%.2f)", median, least, most) " |"
        } else {
            line = line " – | – |"
        }
        missed = 0
        verdict = ""
        if (bar_of[mechanism] != "" && n > 0) {
            verdict = "≤ " bar_of[mechanism]
            missed = median > bar_of[mechanism]
        }
        if (mechanism in peer2_of && (second = ratio2(mechanism)) > 0) {
            verdict = verdict sprintf("; %s %.2f ≤ %s", peer2_of[mechanism], second, bar2_of[mechanism])
            missed = missed || second > bar2_of[mechanism]
        }
        if (mechanism in ns_bar) {
            verdict = verdict (verdict == "" ? "" : ", ") "≤ " ns_bar[mechanism] " ns"
            missed = missed || nanoseconds(mechanism, "gyre") + 0 > ns_bar[mechanism]
        }
        if (mechanism in bytes_bar) {
            verdict = verdict (verdict == "" ? "" : ", ") "≤ " bytes_bar[mechanism] " bytes"
            missed = missed || held(mechanism, "gyre") + 0 > bytes_bar[mechanism]
        }
        line = line " " verdict " | " (verdict == "" ? "" : missed ? "missed" : "met") " |"
        print line " " rounds[mechanism] (peer_of[mechanism] == "" || settled(mechanism) ? "" : ", no three within 3 %") " |"
    }
}
