# The table of bench/ladder/run.sh: medians over rounds, with the least and the most.
# Lines: stage, CPU us per request, threads before and with, resident KB before and with, ms of a hundred ("-" where not measured).

{
    rounds[$1]++
    put($1, "cpu", $2)
    put($1, "threads", $3)
    put($1, "threads_with", $4)
    if ($6 != "-")
        put($1, "bytes", ($6 - $5) * 1024 / waiting)
    put($1, "burst", $7)
}

END {
    printf "| stage | CPU µs/request | threads | with %d waiting | resident bytes per waiting request | 100 at once, ms |\n", waiting
    print "|---|---|---|---|---|---|"
    count = split(order, stages, " ")
    for (i = 1; i <= count; i++) {
        stage = stages[i]
        printf "| `%s` | %s | %s | %s | %s | %s |\n", stage, spread(stage, "cpu", "%.0f"), spread(stage, "threads", "%d"),
            spread(stage, "threads_with", "%d"), spread(stage, "bytes", "%d"), spread(stage, "burst", "%d")
    }
}

function put(stage, figure, value)
{
    if (value != "-")
        values[stage, figure, ++counts[stage, figure]] = value + 0
}

function spread(stage, figure, form,    n, i, j, held, sorted, middle)
{
    n = counts[stage, figure]
    if (n == 0)
        return "–"
    for (i = 1; i <= n; i++) {
        held = values[stage, figure, i]
        for (j = i - 1; j >= 1 && sorted[j] > held; j--)
            sorted[j + 1] = sorted[j]
        sorted[j + 1] = held
    }
    middle = sorted[int((n + 1) / 2)]
    if (n == 1 || sorted[1] == sorted[n])
        return sprintf(form, middle)
    return sprintf(form " (" form "–" form ")", middle, sorted[1], sorted[n])
}
