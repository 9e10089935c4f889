# Prints a .proto with the C prefix that protobuf-c shall use, put in after its package line:
#   praxis.<service>.v1       <service>         Competency__GapOpened
#   praxis.<service>.fact.v1  <service>_fact    CompetencyFact__GapOpened
#   praxis.log.v1             praxis_log        PraxisLog__Batch
#   praxis.common.v1          praxis            Praxis__Result
# Only build-time copies carry the option: the contract itself says nothing about C.
/^package[ \t]+praxis\..*;/ && !done {
    name = $0
    sub(/^package[ \t]+praxis\./, "", name)
    sub(/[ \t]*;.*$/, "", name)
    sub(/\.v[0-9]+$/, "", name)
    gsub(/\./, "_", name)
    if (name == "log")
        name = "praxis_log"
    else if (name == "common")
        name = "praxis"
    # All on one line, so that protoc's messages name the lines of the original.
    sub(/;.*$/, ";")
    print $0 " import \"protobuf-c/protobuf-c.proto\"; option (pb_c_file).c_package = \"" name "\";"
    done = 1
    next
}
{ print }
END {
    if (!done) {
        print FILENAME ": no 'package praxis....;' line" > "/dev/stderr"
        exit 1
    }
}
