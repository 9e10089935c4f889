# The table of a soak and its results.json, from two files: "<stage> <seed> passed|failed <seconds>" and
# "<target> <name> <value> <unit>".
FILENAME ~ /stages$/ {
    if (!($1 in runs))
        stage[++stages] = $1
    runs[$1]++
    spent[$1] += $4
    if ($3 == "failed") {
        bad[$1]++
        bad_seeds[$1] = bad_seeds[$1] (bad_seeds[$1] == "" ? "" : ", ") $2
    }
    next
}
{
    key = $1 " " $2
    if (!(key in count)) {
        figure[++figures] = key
        unit[key] = $4
        least[key] = most[key] = $3
    }
    count[key]++
    sum[key] += $3
    if ($3 < least[key]) least[key] = $3
    if ($3 > most[key]) most[key] = $3
}
END {
    printf "\n%-20s %6s %7s %9s\n", "stage", "runs", "failed", "seconds"
    for (i = 1; i <= stages; i++)
        printf "%-20s %6d %7d %9d\n", stage[i], runs[stage[i]], bad[stage[i]], spent[stage[i]]
    printf "\n%-4s %-28s %6s %12s %12s %14s  %s\n", "", "figure", "runs", "least", "most", "sum", "unit"
    for (i = 1; i <= figures; i++) {
        key = figure[i]
        split(key, part, " ")
        printf "%-4s %-28s %6d %12.2f %12.2f %14.2f  %s\n", part[1], part[2], count[key], least[key],
            most[key], sum[key], unit[key]
    }
    printf "{\n \"date\": \"%s\",\n \"seconds\": %d,\n \"cores\": %d,\n \"first_seed\": %d,\n \"stages\": [", \
        date, seconds, cores, seed > json
    for (i = 1; i <= stages; i++)
        printf "%s\n  {\"name\": \"%s\", \"runs\": %d, \"failed\": %d, \"failed_seeds\": [%s], \"seconds\": %d}", \
            (i > 1 ? "," : ""), stage[i], runs[stage[i]], bad[stage[i]], bad_seeds[stage[i]], \
            spent[stage[i]] > json
    printf "\n ],\n \"figures\": [" > json
    for (i = 1; i <= figures; i++) {
        key = figure[i]
        split(key, part, " ")
        printf "%s\n  {\"target\": \"%s\", \"name\": \"%s\", \"unit\": \"%s\", \"runs\": %d, \"least\": %s, \"most\": %s, \"sum\": %s}", \
            (i > 1 ? "," : ""), part[1], part[2], unit[key], count[key], least[key], most[key], sum[key] > json
    }
    printf "\n ]\n}\n" > json
}
