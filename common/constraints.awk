# Prints constraints.c: a row for every message of the contract, with the constraints from its comments:
#   // constraints: required; len 1..64; charset id
# before a field. Words: required; internal; len a..b; range a..b; items a..b; charset id|label|text;
# seal <sibling field with the person's id>. What they mean: px_rule in codec_impl.h and codec_check.c.
# A number of which the comment says "<Enum> of the contract" needs a range: a record holds it in a byte, and what is
# folded has been looked at by nobody else.
# Reads the .proto files with their C prefix (proto/c_package.awk); a word it does not know is an error.

function fail(text) {
    print FILENAME ":" FNR ": " text > "/dev/stderr"
    failed = 1
    exit 1
}

function trim(text) {
    gsub(/^[ \t]+|[ \t]+$/, "", text)
    return text
}

# protoc-c's rule for a name in lower case: an underscore before every capital that follows none.
function lower(name,    out, i, letter, capital, before) {
    before = 1
    for (i = 1; i <= length(name); i++) {
        letter = substr(name, i, 1)
        capital = letter ~ /[A-Z]/
        if (capital && !before)
            out = out "_"
        out = out tolower(letter)
        before = capital
    }
    return out
}

function bounds(text, limits) {
    if (text !~ /^-?[0-9]+(\.[0-9]+)?\.\.-?[0-9]+(\.[0-9]+)?$/)
        fail("not a range: " text)
    split(text, limits, /\.\./)
    if (limits[1] + 0 > limits[2] + 0)
        fail("a range that holds nothing: " text)
}

function wants(word, good) {
    if (!good)
        fail("'" word "' does not fit a field of type " field_type)
}

# One constraint of the field at hand, as members of a px_rule.
function constraint(text,    word, value, limits) {
    word = text
    sub(/ .*/, "", word)
    value = substr(text, length(word) + 2)
    if (word in said)
        fail("said twice: " word)
    said[word] = 1
    if (word == "required" && value == "") {
        wants(word, field_type != "bool")
        flags = flags " | PX_RULE_REQUIRED"
    } else if (word == "internal" && value == "") {
        flags = flags " | PX_RULE_INTERNAL"
    } else if (word == "len") {
        wants(word, field_type ~ /^(string|bytes)$/)
        bounds(value, limits)
        flags = flags " | PX_RULE_LEN"
        members = members ", .len_min = " limits[1] ", .len_max = " limits[2]
    } else if (word == "range") {
        wants(word, field_type ~ /^(double|float|s?int(32|64)|uint(32|64)|s?fixed(32|64))$/)
        bounds(value, limits)
        flags = flags " | PX_RULE_RANGE"
        members = members ", .range_min = " limits[1] ", .range_max = " limits[2]
    } else if (word == "items") {
        wants(word, repeated)
        bounds(value, limits)
        flags = flags " | PX_RULE_ITEMS"
        members = members ", .items_min = " limits[1] ", .items_max = " limits[2]
    } else if (word == "charset" && value ~ /^(id|label|text)$/) {
        wants(word, field_type == "string")
        members = members ", .charset = PX_CHARSET_" toupper(value)
    } else if (word == "seal") {
        wants(word, field_type ~ /(^|\.)PersonalText$/ && !repeated)
        sealed[message] = sealed[message] " " value
        members = members ", .seal = @" value "@"
    } else {
        fail("unknown constraint: " text)
    }
}

function field(line,    words, parts, count, i) {
    repeated = line ~ /^repeated /
    sub(/^repeated /, "", line)
    split(line, words, /[ =;]+/) # type, name, number
    field_type = words[1]
    numbers[message, words[2]] = words[3]
    types[message, words[2]] = repeated ? "list" : field_type
    if (oneof != "" && !((message, oneof) in first_member)) {
        first_member[message, oneof] = words[3]
        oneofs[message] = oneofs[message] "    { \"" oneof "\", " words[3] " },\n"
        oneof_counts[message]++
    }
    if (field_type == "uint32" && comment ~ / contract/ && pending !~ /range /)
        fail("a number that stands for an enum needs a range")
    if (pending == "")
        return
    flags = members = ""
    for (i in said)
        delete said[i]
    count = split(pending, parts, /;/)
    for (i = 1; i <= count; i++)
        constraint(trim(parts[i]))
    rules[message] = rules[message] "    { .field = " words[3] members \
        (flags == "" ? "" : ", .flags = " substr(flags, 4)) " },\n"
    rule_counts[message]++
    pending = ""
}

# Compares as strcmp does, whatever the locale.
function after(a, b,    i, x, y) {
    for (i = 1; i <= length(a) && i <= length(b); i++) {
        x = index(ASCII, substr(a, i, 1))
        y = index(ASCII, substr(b, i, 1))
        if (x != y)
            return x > y
    }
    return length(a) > length(b)
}

function begin_message(name) {
    parents[++depth] = message
    comment = ""
    message = (message == "" ? package : message) "." name
    symbols[message] = (parents[depth] == "" ? prefix : symbols[parents[depth]]) "__" lower(name)
    names[++name_count] = message
}

function end_message(    persons, count, i) {
    count = split(trim(sealed[message]), persons, " ")
    for (i = 1; i <= count; i++) {
        if (types[message, persons[i]] != "string")
            fail(message ": seal needs a string field " persons[i])
        gsub("@" persons[i] "@", numbers[message, persons[i]], rules[message])
    }
    message = parents[depth--]
}

BEGIN { ASCII = ".0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz" }

FNR == 1 { package = prefix = message = block = pending = oneof = ""; depth = 0 }

/constraints:/ {
    if ($0 !~ /^[ \t]*\/\/ constraints: [^ ]/)
        fail("constraints are written '// constraints: a; b' on a line of their own")
    if (pending != "")
        fail("two lines of constraints for one field")
    pending = $0
    sub(/^.*constraints: /, "", pending)
    next
}

/^[ \t]*\/\// {
    comment = comment $0
    next
}

{
    line = $0
    if (line !~ /^package /)
        sub(/\/\/.*/, "", line)
    line = trim(line)
}

line == "" || /^(syntax|import|option) / || line ~ /^reserved / { next }

line ~ /^package / {
    package = line
    sub(/^package +/, "", package)
    sub(/ *;.*/, "", package)
    if (!match(line, /c_package = "[a-z_]+"/))
        fail("no c_package; this reads the copies made by c_package.awk")
    prefix = substr(line, RSTART + 13, RLENGTH - 14)
    header = FILENAME
    sub(/.*\//, "", header)
    sub(/\.proto$/, ".pb-c.h", header)
    folder = package
    gsub(/\./, "/", folder)
    headers[++header_count] = folder "/" header
    next
}

block == "enum" {
    if (line ~ /}$/)
        block = ""
    next
}

pending != "" && line !~ /=[ ]*[0-9]+/ { fail("constraints without a field") }

line ~ /^enum [A-Za-z0-9]+ \{$/ { block = "enum"; next }

line ~ /^oneof [a-z0-9_]+ \{$/ { oneof = line; sub(/^oneof /, "", oneof); sub(/ .*/, "", oneof); next }

line ~ /^message [A-Za-z0-9]+ \{ *\}?$/ {
    name = line
    sub(/^message /, "", name)
    sub(/ .*/, "", name)
    begin_message(name)
    if (line ~ /}$/)
        end_message()
    next
}

line == "}" {
    if (oneof != "")
        oneof = ""
    else if (depth > 0)
        end_message()
    else
        fail("a brace too many")
    next
}

message != "" && line ~ /^(repeated )?[A-Za-z0-9_.]+ [a-z0-9_]+ = [0-9]+( \[.*\])?;$/ {
    field(line)
    comment = ""
    next
}

{ fail("not understood: " line) }

END {
    if (failed)
        exit 1
    print "/* Generated by common/constraints.awk from the comments of the contract. */"
    print "#include \"common/codec_impl.h\"\n"
    for (i = 1; i <= header_count; i++)
        print "#include \"" headers[i] "\""
    for (i = 2; i <= name_count; i++) # rows ascend by name, for the binary search
        for (j = i; j > 1 && after(names[j - 1], names[j]); j--) {
            name = names[j]
            names[j] = names[j - 1]
            names[j - 1] = name
        }
    for (i = 1; i <= name_count; i++) {
        name = names[i]
        if (rule_counts[name])
            printf "\nstatic const px_rule %s_rules[] = {\n%s};\n", symbols[name], rules[name]
        if (oneof_counts[name])
            printf "\nstatic const px_oneof %s_oneofs[] = {\n%s};\n", symbols[name], oneofs[name]
    }
    print "\nconst px_contract px_contracts[] = {"
    for (i = 1; i <= name_count; i++) {
        name = names[i]
        printf "    { \"%s\", &%s__descriptor, %s, %d, %s, %d },\n", name, symbols[name],
            rule_counts[name] ? symbols[name] "_rules" : "NULL", rule_counts[name],
            oneof_counts[name] ? symbols[name] "_oneofs" : "NULL", oneof_counts[name]
    }
    print "};"
    print "\nconst size_t px_contract_count = sizeof(px_contracts) / sizeof(px_contracts[0]);"
}
