/* codec_check.c: the constraints in the comments of the contract, applied; and the texts to seal.
 */
#include <math.h>
#include <string.h>

#include "common/codec.h"
#include "common/codec_impl.h"
#include "praxis/common/v1/text.pb-c.h"

typedef struct {
    px_arena *arena;
    px_codec_error *error;
} checker;

static const px_rule no_rule;

static bool check_message(checker *c, const ProtobufCMessage *message, const px_path *path,
                          unsigned depth);

bool px_codec_check(const ProtobufCMessage *message, px_arena *arena, px_codec_error *error)
{
    checker c = { arena, error };

    return check_message(&c, message, NULL, 1);
}

static bool fail(checker *c, px_reason reason, const px_path *path)
{
    return px_codec_fail(c->error, reason, path, c->arena);
}

static const px_rule *rule_of(const px_contract *contract, uint32_t field)
{
    for (size_t i = 0; contract && i < contract->rule_count; i++)
        if (contract->rules[i].field == field)
            return &contract->rules[i];
    return &no_rule;
}

/* Not strspn(), which makes a table of the set each time: of every fact there are some ten ids. */
size_t px_id_span(const char *text)
{
    size_t size = 0;

    while ((text[size] >= 'a' && text[size] <= 'z') || (text[size] >= 'A' && text[size] <= 'Z') ||
           (text[size] >= '0' && text[size] <= '9') || text[size] == '_' || text[size] == '-')
        size++;
    return size;
}

static bool charset_holds(px_charset charset, const char *text, size_t size)
{
    switch (charset) {
    case PX_CHARSET_ID:
        return px_id_span(text) == size;
    case PX_CHARSET_LABEL:
        return px_text_valid(text, size, false);
    case PX_CHARSET_TEXT:
        return px_text_valid(text, size, true);
    case PX_CHARSET_ANY:
        break;
    }
    return true;
}

static bool size_holds(const px_rule *rule, size_t size)
{
    return !(rule->flags & PX_RULE_LEN) || (size >= rule->len_min && size <= rule->len_max);
}

static bool text_holds(const px_rule *rule, const char *text)
{
    size_t size = strlen(text);

    return size_holds(rule, size) && charset_holds(rule->charset, text, size);
}

/* As a double: exact up to 2^53, and no bound of the contract is larger. */
static double number_of(const ProtobufCFieldDescriptor *field, const void *value)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_DOUBLE:
        return *(const double *)value;
    case PROTOBUF_C_TYPE_FLOAT:
        return (double)*(const float *)value;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return (double)*(const int64_t *)value;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return (double)*(const uint64_t *)value;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return *(const uint32_t *)value;
    default:
        return *(const int32_t *)value;
    }
}

static bool number_holds(const ProtobufCFieldDescriptor *field, const px_rule *rule,
                         const void *value)
{
    double number = number_of(field, value);

    if (!isfinite(number))
        return false;
    return !(rule->flags & PX_RULE_RANGE) ||
           (number >= rule->range_min && number <= rule->range_max);
}

/* What the contract asks of a value that is there. */
static bool value_holds(const ProtobufCFieldDescriptor *field, const px_rule *rule,
                        const void *value)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(const char *const *)value;
        return text_holds(rule, text ? text : "");
    }
    case PROTOBUF_C_TYPE_BYTES:
        return size_holds(rule, ((const ProtobufCBinaryData *)value)->len);
    case PROTOBUF_C_TYPE_ENUM:
        return protobuf_c_enum_descriptor_get_value(field->descriptor, *(const int *)value);
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_MESSAGE:
        return true;
    default:
        return number_holds(field, rule, value);
    }
}

static bool check_submessage(checker *c, const ProtobufCMessage *message, const px_rule *rule,
                             const px_path *path, unsigned depth)
{
    if (px_type_is_timestamp(message->descriptor))
        return px_time_in_range(message) || fail(c, PX_REASON_FIELD_INVALID, path);
    if (px_type_is_text(message->descriptor) && rule->flags & PX_RULE_REQUIRED) {
        const char *plain = ((const Praxis__PersonalText *)message)->plain;
        if (!plain || !*plain) {
            px_path inside = { .parent = path, .name = "plain" };
            return fail(c, PX_REASON_FIELD_MISSING, &inside);
        }
    }
    return check_message(c, message, path, depth + 1);
}

static bool check_value(checker *c, const ProtobufCFieldDescriptor *field, const px_rule *rule,
                        const void *value, const px_path *path, unsigned depth)
{
    if (!value_holds(field, rule, value))
        return fail(c, PX_REASON_FIELD_INVALID, path);
    if (field->type != PROTOBUF_C_TYPE_MESSAGE)
        return true;
    return check_submessage(c, *(ProtobufCMessage *const *)value, rule, path, depth);
}

static bool check_list(checker *c, const ProtobufCMessage *message,
                       const ProtobufCFieldDescriptor *field, const px_rule *rule, px_path *path,
                       unsigned depth)
{
    size_t count = px_field_count(message, field);

    if (count == 0 && (rule->flags & PX_RULE_REQUIRED || rule->items_min > 0))
        return fail(c, PX_REASON_FIELD_MISSING, path);
    if (count > 0 && rule->flags & PX_RULE_INTERNAL)
        return fail(c, PX_REASON_FIELD_INVALID, path);
    if (rule->flags & PX_RULE_ITEMS && (count < rule->items_min || count > rule->items_max))
        return fail(c, PX_REASON_FIELD_INVALID, path);
    for (size_t i = 0; i < count; i++) {
        path->index = i + 1;
        if (!check_value(c, field, rule, px_field_value(message, field, i), path, depth))
            return false;
    }
    return true;
}

/* Text and bytes that are empty are absent in proto3, so only `required` asks anything of them. */
static bool may_be_absent(const ProtobufCFieldDescriptor *field)
{
    return field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_BYTES ||
           field->type == PROTOBUF_C_TYPE_MESSAGE;
}

static bool check_field(checker *c, const ProtobufCMessage *message,
                        const ProtobufCFieldDescriptor *field, const px_rule *rule,
                        const px_path *parent, unsigned depth)
{
    px_path path = px_path_to(parent, field);

    if (px_field_repeated(field))
        return check_list(c, message, field, rule, &path, depth);
    if (px_field_count(message, field) == 0)
        return !(rule->flags & PX_RULE_REQUIRED) || fail(c, PX_REASON_FIELD_MISSING, &path);

    const void *value = px_field_value(message, field, 0);
    bool empty = px_value_is_default(field, value);
    if (empty && rule->flags & PX_RULE_REQUIRED)
        return fail(c, PX_REASON_FIELD_MISSING, &path);
    if (!empty && rule->flags & PX_RULE_INTERNAL)
        return fail(c, PX_REASON_FIELD_INVALID, &path);
    if (empty && may_be_absent(field))
        return true;
    return check_value(c, field, rule, value, &path, depth);
}

/* Of the members of a oneof one is there at most: a fact has one type of many. */
static bool is_other_case(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF &&
           *(const uint32_t *)((const uint8_t *)message + field->quantifier_offset) != field->id;
}

static bool check_message(checker *c, const ProtobufCMessage *message, const px_path *path,
                          unsigned depth)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    const px_contract *contract = px_contract_of(type);

    if (depth > PX_MESSAGE_DEPTH_MAX)
        return fail(c, PX_REASON_TOO_DEEP, path);
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (is_other_case(message, field))
            continue;
        if (!check_field(c, message, field, rule_of(contract, field->id), path, depth))
            return false;
    }
    return true;
}

/* ---- texts about people ---- */

typedef struct {
    px_codec_text *texts;
    size_t max;
    size_t count;
} text_list;

static void collect_texts(text_list *list, ProtobufCMessage *message, unsigned depth);

static void add_text(text_list *list, const ProtobufCMessage *message, ProtobufCMessage *text,
                     uint32_t seal)
{
    const ProtobufCFieldDescriptor *person =
        protobuf_c_message_descriptor_get_field(message->descriptor, seal);

    if (list->count < list->max) {
        const char *id = *(const char *const *)px_field_value(message, person, 0);
        list->texts[list->count] = (px_codec_text){ text, id ? id : "" };
    }
    list->count++;
}

static void collect_field(text_list *list, const ProtobufCMessage *message,
                          const ProtobufCFieldDescriptor *field, uint32_t seal, unsigned depth)
{
    size_t count = px_field_count(message, field);

    for (size_t i = 0; i < count; i++) {
        ProtobufCMessage *inner = *(ProtobufCMessage *const *)px_field_value(message, field, i);
        if (seal)
            add_text(list, message, inner, seal);
        else
            collect_texts(list, inner, depth + 1);
    }
}

static void collect_texts(text_list *list, ProtobufCMessage *message, unsigned depth)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    const px_contract *contract = px_contract_of(type);

    if (depth > PX_MESSAGE_DEPTH_MAX)
        return; /* no type of the contract is so deep */
    for (unsigned i = 0; i < type->n_fields; i++)
        if (type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
            collect_field(list, message, &type->fields[i],
                          rule_of(contract, type->fields[i].id)->seal, depth);
}

size_t px_codec_texts(ProtobufCMessage *message, px_codec_text *texts, size_t max)
{
    text_list list = { .texts = texts, .max = max };

    collect_texts(&list, message, 1);
    return list.count;
}
