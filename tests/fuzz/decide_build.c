#include "tests/fuzz/decide_build.h"

#include <math.h>
#include <string.h>

#include "common/codec.h"
#include "common/codec_impl.h"

#define DAY_US INT64_C(86400000000)

uint8_t decide_take(decide_input *in)
{
    if (in->size == 0)
        return 0;
    in->size--;
    return *in->data++;
}

px_bytes decide_take_chunk(decide_input *in)
{
    size_t low = decide_take(in), size = low + 256u * decide_take(in);
    px_bytes chunk;

    if (size > in->size)
        size = in->size;
    chunk = (px_bytes){ in->data, size };
    in->data += size;
    in->size -= size;
    return chunk;
}

int64_t decide_long_ago(int64_t now_us, uint8_t choice)
{
    return now_us - (choice % 4 + 1) * (choice < 252 ? 14 : 500) * 365 * DAY_US;
}

/* ---- texts ---- */

/* The first row that is part of a field's name says what its ids look like. */
static const char *pool_of(const char *field)
{
    static const struct {
        const char *part, *pool;
    } rows[] = {
        { "person", "p" },      { "manager", "p" },      { "about", "p" },
        { "giver", "p" },       { "rater", "p" },        { "subject", "p" },
        { "viewer", "p" },      { "unit", "u" },         { "competency", "c" },
        { "role_id", "role" },  { "review", "r" },       { "feedback", "f" },
        { "cycle", "cycle" },   { "scale", "scale" },    { "strategy_item", "s" },
        { "criterion", "k" },   { "requires_ids", "c" }, { "item", "i" },
        { "requires", "i" },    { "runner_up_id", "i" }, { "plan_id", "p-2" },
        { "assessment", "a" },  { "level_name", "L" },   { "name", "L" },
        { "template_id", "t" }, { "initiative", "t" },   { "framework_id", "w" },
        { "into_id", "c" },     { "evidence_id", "e" },  { "statement_id", "x" },
        { "voids", "x" },       { "activity_id", "a" },  { "instead_of", "i" },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++)
        if (strstr(field, rows[i].part) != NULL)
            return rows[i].pool;
    return NULL;
}

/* Of a fact. A rating without a competency is an overall one. */
static bool may_be_empty(const ProtobufCFieldDescriptor *field, const char *message)
{
    static const char *const names[] = { "manager_id", "unit_id", "parent_unit_id", "role_id",
                                         "runner_up_id" };

    for (size_t i = 0; i < PX_COUNT(names); i++)
        if (strcmp(field->name, names[i]) == 0)
            return true;
    return strcmp(message, "praxis.review_cycle.fact.v1.Rating") == 0;
}

static char *free_text(const decide_builder *b, unsigned choice)
{
    size_t size = b->fact ? choice % 32 : choice < 250 ? choice : 40 * choice;
    char *text = px_arena_zalloc(b->arena, size + 1);

    PX_ASSERT(text != NULL);
    memset(text, 'a', size);
    return text;
}

static char *build_text(const decide_builder *b, const ProtobufCFieldDescriptor *field,
                        const char *message)
{
    uint8_t choice = decide_take(b->in);
    const char *pool = pool_of(field->name);
    char *text;

    if (pool == NULL)
        return free_text(b, choice);
    if (choice % 7 == 6 && (!b->fact || may_be_empty(field, message)))
        text = px_arena_strdup(b->arena, "");
    else
        text = px_arena_printf(b->arena, strcmp(pool, "L") == 0 ? "%s%u" : "%s-%u", pool,
                               choice % 7 + 1u);
    PX_ASSERT(text != NULL);
    return text;
}

/* ---- numbers ---- */

/* What the daemons state: numbers out of range do not get past decide. */
static int64_t build_count(const char *field, uint8_t choice)
{
    static const struct {
        const char *name;
        int low, high;
    } rows[] = {
        { "family", 1, 4 },     { "relation", 1, 4 },       { "kind", 1, 3 },
        { "visibility", 1, 3 }, { "tone", -1, 1 },          { "facet", 0, 2 },
        { "position", 0, 5 },   { "scale_size", 5, 7 },     { "from", 1, 6 },
        { "to", 1, 6 },         { "version", 1, 2 },        { "scale_version", 1, 1 },
        { "state", 1, 3 },      { "key_generation", 1, 3 }, { "reason", 1, 4 },
        { "revision", 2, 5 },   { "item_version", 1, 2 },   { "runner_up_reason", 0, 3 },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++)
        if (strcmp(field, rows[i].name) == 0)
            return rows[i].low + choice % (rows[i].high - rows[i].low + 1);
    return choice % 8;
}

static int64_t build_time(const decide_builder *b, const char *field)
{
    bool later = strstr(field, "due") != NULL || strstr(field, "planned") != NULL ||
                 strstr(field, "follow_up") != NULL;
    uint8_t choice = decide_take(b->in);
    int64_t distance = choice * DAY_US / 2;

    if (later)
        return b->now_us + distance;
    return choice < 248 ? b->now_us - distance : decide_long_ago(b->now_us, choice);
}

static double odd_number(uint8_t choice)
{
    static const double numbers[] = { NAN, INFINITY, -INFINITY, -1, 1e300, -0.0, 5e-324, 1e9 };

    return numbers[choice % PX_COUNT(numbers)];
}

static double build_number(const decide_builder *b, const char *field)
{
    uint8_t choice = decide_take(b->in);
    double part = choice / 255.0;

    if (!b->fact && choice >= 248)
        return odd_number(choice);
    if (strcmp(field, "target") == 0 && choice % 8 == 0)
        return 0; /* takes the target away */
    if (strcmp(field, "probability") == 0 || strcmp(field, "share") == 0)
        return part;
    if (strstr(field, "variance") != NULL || strcmp(field, "exposure") == 0)
        return .01 + 2 * part;
    if (strcmp(field, "hours") == 0 || strcmp(field, "weight") == 0)
        return .25 * (1 + choice);
    if (strcmp(field, "mean") == 0 || strcmp(field, "observed") == 0)
        return 4 * part - 2;
    return 1 + 4 * part;
}

/* ---- fields ---- */

/* What the constraints say of a field of a fact: a daemon states no more, and nobody folds more. */
static px_rule rule_of(const char *message, const ProtobufCFieldDescriptor *field)
{
    const px_contract *contract = px_contract_find(message);

    for (size_t i = 0; contract != NULL && i < contract->rule_count; i++)
        if (contract->rules[i].field == field->id)
            return contract->rules[i];
    return (px_rule){ .flags = 0 };
}

static ProtobufCMessage *build_message(const decide_builder *b, const ProtobufCFieldDescriptor *f)
{
    const ProtobufCMessageDescriptor *type = f->descriptor;
    ProtobufCMessage *message;

    if (px_type_is_timestamp(type))
        return px_codec_timestamp(b->now_us + (decide_take(b->in) - 128) * DAY_US, b->arena);
    message = px_codec_new(type, b->arena);
    PX_ASSERT(message != NULL);
    decide_fill(b, message);
    return message;
}

static ProtobufCBinaryData build_bytes(const decide_builder *b)
{
    size_t size = decide_take(b->in) % 2 * 24u;
    uint8_t *bytes = px_arena_zalloc(b->arena, size);

    PX_ASSERT(bytes != NULL);
    return (ProtobufCBinaryData){ size, bytes };
}

static int32_t build_enum(const decide_builder *b, const ProtobufCFieldDescriptor *field)
{
    const ProtobufCEnumDescriptor *values = field->descriptor;

    return values->values[decide_take(b->in) % values->n_values].value;
}

static int32_t build_small(const decide_builder *b, const ProtobufCFieldDescriptor *field,
                           const char *message)
{
    uint8_t choice = decide_take(b->in);
    int32_t number =
        !b->fact && choice >= 250 ? INT32_MAX - choice : (int32_t)build_count(field->name, choice);
    px_rule rule = rule_of(message, field);

    if (!b->fact || (rule.flags & PX_RULE_RANGE) == 0)
        return number;
    if (number < rule.range_min)
        return (int32_t)rule.range_min;
    return number > rule.range_max ? (int32_t)rule.range_max : number;
}

static void build_value(const decide_builder *b, const ProtobufCFieldDescriptor *field,
                        const char *message, void *value)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        *(char **)value = build_text(b, field, message);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)value = build_message(b, field);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        *(ProtobufCBinaryData *)value = build_bytes(b);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)value = decide_take(b->in) & 1;
        break;
    case PROTOBUF_C_TYPE_ENUM:
        *(int32_t *)value = build_enum(b, field);
        break;
    case PROTOBUF_C_TYPE_DOUBLE:
        *(double *)value = build_number(b, field->name);
        break;
    case PROTOBUF_C_TYPE_INT64:
        *(int64_t *)value = build_time(b, field->name);
        break;
    case PROTOBUF_C_TYPE_UINT64:
        *(uint64_t *)value = decide_take(b->in);
        break;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
        *(int32_t *)value = build_small(b, field, message);
        break;
    default:
        PX_ASSERT(field->type == PROTOBUF_C_TYPE_STRING); /* new to the contract: to be added */
    }
}

static void build_list(const decide_builder *b, const ProtobufCFieldDescriptor *field,
                       ProtobufCMessage *message)
{
    uint8_t *bytes = (uint8_t *)message;
    uint8_t choice = decide_take(b->in);
    size_t count = !b->fact && choice >= 252 ? 40 : choice % 6;
    size_t size = px_field_size(field);
    px_rule rule = rule_of(message->descriptor->name, field);
    uint8_t *items = px_arena_zalloc(b->arena, count * size);

    PX_ASSERT(items != NULL);
    if (b->fact && (rule.flags & PX_RULE_ITEMS) != 0 && count > rule.items_max)
        count = rule.items_max;
    for (size_t i = 0; i < count; i++)
        build_value(b, field, message->descriptor->name, items + i * size);
    *(size_t *)(void *)(bytes + field->quantifier_offset) = count;
    *(void **)(void *)(bytes + field->offset) = items;
}

void decide_fill(const decide_builder *b, ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    uint8_t *bytes = (uint8_t *)message;

    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];

        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
            continue;
        if (px_field_repeated(field))
            build_list(b, field, message);
        else if (b->fact || field->type != PROTOBUF_C_TYPE_MESSAGE || decide_take(b->in) % 4 != 3)
            build_value(b, field, type->name, bytes + field->offset);
    }
}

ProtobufCMessage *decide_fill_body(const decide_builder *b, ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    unsigned count = 0, choice;
    ProtobufCMessage *body = NULL;

    for (unsigned i = 0; i < type->n_fields; i++)
        count += (type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
    PX_ASSERT(count > 0);
    choice = decide_take(b->in) % count;
    for (unsigned i = 0; i < type->n_fields && body == NULL; i++)
        if ((type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 && choice-- == 0)
            body = px_codec_set_oneof(message, type->fields[i].id, b->arena);
    PX_ASSERT(body != NULL);
    decide_fill(b, body);
    return body;
}
