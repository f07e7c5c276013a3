# The medians of bench/http: a row for each job and server, with the ratio of Gyre's CPU to that server's in the same round.
# Input: round, job, server, requests, nanoseconds of CPU, p99 in microseconds; tab-separated.

function median(list, count,    i, j, value) {
    for (i = 2; i <= count; i++) {
        value = list[i]
        for (j = i - 1; j >= 1 && list[j] > value; j--) list[j + 1] = list[j]
        list[j + 1] = value
    }
    return count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2
}

BEGIN { FS = "\t" }

{
    key = $2 SUBSEP $3
    if (!(key in seen)) { seen[key] = 1; order[++rows] = key }
    cost[$1, $2, $3] = $5 / $4 / 1000
    tail[$1, $2, $3] = $6
    if ($1 > rounds) rounds = $1
}

END {
    print "| job | server | CPU µs per request | Gyre's share of it | p99 ms |"
    print "|---|---|---|---|---|"
    for (row = 1; row <= rows; row++) {
        split(order[row], part, SUBSEP)
        count = 0
        for (round = 1; round <= rounds; round++) {
            if ((round, part[1], part[2]) in cost) {
                count++
                costs[count] = cost[round, part[1], part[2]]
                ratios[count] = cost[round, part[1], "gyre"] / costs[count]
                tails[count] = tail[round, part[1], part[2]] / 1000
            }
        }
        least = most = ratios[1]
        for (i = 2; i <= count; i++) {
            if (ratios[i] < least) least = ratios[i]
            if (ratios[i] > most) most = ratios[i]
        }
        middle = median(ratios, count)
        printf "| %s | %s | %.2f | %s | %.1f |\n", part[1], part[2], median(costs, count),
            part[2] == "gyre" ? "1" : sprintf("%.2f (%.2f–%.2f)", middle, least, most), median(tails, count)
    }
}
