# Latency percentiles of the open loop, medians over rounds. Input: round, server, requests, p50, p99, p99.9, maximum in microseconds.

function median(name, field,    list, count, i, j, value, round) {
    count = 0
    for (round = 1; round <= rounds; round++) if ((round, name, field) in all) list[++count] = all[round, name, field]
    for (i = 2; i <= count; i++) {
        value = list[i]
        for (j = i - 1; j >= 1 && list[j] > value; j--) list[j + 1] = list[j]
        list[j + 1] = value
    }
    return count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2
}

BEGIN { FS = "\t" }

{
    if (!($2 in seen)) { seen[$2] = 1; order[++names] = $2 }
    for (field = 4; field <= 7; field++) all[$1, $2, field] = $field
    if ($1 > rounds) rounds = $1
}

END {
    print "| server | p50 µs | p99 µs | p99.9 µs | maximum µs | Gyre's p99.9 against it |"
    print "|---|---|---|---|---|---|"
    for (i = 1; i <= names; i++) {
        name = order[i]
        printf "| %s | %d | %d | %d | %d | %.2f |\n", name, median(name, 4), median(name, 5), median(name, 6), median(name, 7),
            median("gyre", 6) / median(name, 6)
    }
}
