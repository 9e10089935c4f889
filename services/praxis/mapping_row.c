/* mapping_row.c: one row becomes one submission. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/codec.h"
#include "services/praxis/contract.h"
#include "services/praxis/mapping_impl.h"

/* The row being built. The first refusal stays. */
typedef struct {
    const px_mapping *mapping;
    const px_sheet *table;
    size_t row;
    const json_t *map; /* replacements; NULL in second tables */
    px_arena *arena;
    px_mapped *out;
} building;

static bool refuse(building *b, const char *code, const char *field, const char *text)
{
    if (b->out->state != PX_MAPPED_REFUSED) {
        b->out->state = PX_MAPPED_REFUSED;
        b->out->code = code;
        b->out->field = field;
        b->out->text = text ? text : "";
    }
    return false;
}

static bool refuse_reason(building *b, px_reason reason, const char *field)
{
    return refuse(b, px_reason_code(reason), field, px_reason_text(reason));
}

/* --- templates --- */

static const char *column_text(const building *b, const char *name, size_t size)
{
    char *column = px_arena_strndup(b->arena, name, size);

    if (!column)
        return "";
    const char *text = px_sheet_text(b->table, b->row, px_sheet_column(b->table, column));
    const char *mapped = json_string_value(json_object_get(json_object_get(b->map, column), text));
    return mapped ? mapped : text;
}

/* {#} stands for `digest`. "" when the arena is full, which is asked at the end. */
static const char *expand(const building *b, const char *template, const char *digest)
{
    const char *result = "";
    const char *at = template;

    for (const char *open; (open = strchr(at, '{')) != NULL;) {
        const char *close = strchr(open, '}'); /* checked when loaded */
        size_t size = (size_t)(close - open - 1);
        const char *text = size == 1 && open[1] == '#' ? digest : column_text(b, open + 1, size);
        result = px_arena_printf(b->arena, "%s%.*s%s", result, (int)(open - at), at, text);
        if (!result)
            return "";
        at = close + 1;
    }
    result = px_arena_printf(b->arena, "%s%s", result, at);
    return result ? result : "";
}

char *px_mapping_token(const char *text, px_arena *arena)
{
    size_t size = strlen(text);
    char *token = px_arena_strdup(arena, text);
    unsigned char digest[8];
    char hex[sizeof digest * 2 + 1];
    char *to = token;

    for (const char *at = text; token && *at; at++) {
        bool kept = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                    (*at >= '0' && *at <= '9') || *at == '-' || *at == '_';
        if (((unsigned char)*at & 0xC0) != 0x80) /* one character, one '_' */
            *to++ = kept ? *at : '_';
    }
    if (!token)
        return NULL;
    *to = 0;
    if (size <= 64)
        return token;
    crypto_generichash_blake2b(digest, sizeof digest, (const unsigned char *)text, size, NULL, 0);
    return px_arena_printf(arena, "%.47s-%s", token,
                           sodium_bin2hex(hex, sizeof hex, digest, sizeof digest));
}

/* --- values --- */

static json_t *build(building *b, const json_t *value);

/* The nearest whole number, as a text: the name of a level. A half is the higher one. */
static json_t *nearest(double number)
{
    char text[32];

    snprintf(text, sizeof text, "%.0f", floor(number + 0.5));
    return json_string(text);
}

/* NULL for a text that is none. */
static json_t *typed(const char *text, const char *type)
{
    char *end;

    errno = 0;
    if (strcmp(type, "bool") == 0)
        return strcmp(text, "true") == 0    ? json_true()
               : strcmp(text, "false") == 0 ? json_false()
                                            : NULL;
    if (strspn(text, "+-.0123456789eE") != strlen(text)) /* no blanks, no hex, no "inf" */
        return NULL;
    if (strcmp(type, "int") == 0) {
        long long number = strtoll(text, &end, 10);
        return *end || end == text || errno ? NULL : json_integer(number);
    }
    double number = strtod(text, &end);
    if (*end || end == text || !isfinite(number))
        return NULL;
    return strcmp(type, "nearest") == 0 ? nearest(number) : json_real(number);
}

static json_t *build_typed(building *b, const json_t *value)
{
    const char *column = json_string_value(json_object_get(value, "column"));
    const char *type = json_string_value(json_object_get(value, "type"));
    const char *text = column_text(b, column, strlen(column));
    json_t *result = *text ? typed(text, type) : NULL;

    if (*text && !result)
        refuse(b, px_reason_code(PX_REASON_FIELD_INVALID), column,
               px_arena_printf(b->arena, "\"%.60s\" is no %s", text,
                               *type == 'b'   ? "true or false"
                               : *type == 'i' ? "whole number"
                                              : "number"));
    return result;
}

static json_t *build_text(const char *text)
{
    return text && *text ? json_string(text) : NULL;
}

static json_t *build_object(building *b, const json_t *value)
{
    json_t *object = json_object();
    const char *key;
    json_t *member;

    json_object_foreach((json_t *)(uintptr_t)value, key, member)
    {
        json_t *built = build(b, member);
        if (built)
            json_object_set_new(object, key, built);
    }
    if (json_object_size(object) > 0)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *build_array(building *b, const json_t *value)
{
    json_t *array = json_array();
    json_t *member;
    size_t i;

    json_array_foreach(value, i, member)
    {
        json_t *built = build(b, member);
        if (built)
            json_array_append_new(array, built);
    }
    return array;
}

/* NULL for what comes out empty: it is left out. */
static json_t *build(building *b, const json_t *value)
{
    if (json_is_string(value))
        return build_text(expand(b, json_string_value(value), ""));
    if (px_mapping_is_token(value))
        return build_text(px_mapping_token(
            expand(b, json_string_value(json_object_get(value, "token")), ""), b->arena));
    if (px_mapping_is_typed(value))
        return build_typed(b, value);
    if (json_is_object(value))
        return build_object(b, value);
    if (json_is_array(value))
        return build_array(b, value);
    return json_deep_copy(value);
}

static void add_rows(building *b, json_t *message)
{
    for (size_t i = 0; i < b->mapping->rows_count; i++) {
        const px_mapping_rows_of *rows = &b->mapping->rows[i];
        const char *text = px_sheet_text(b->table, b->row, rows->main_by);
        json_t *array = json_array();
        size_t first;
        size_t count = px_mapping_find(rows, text, &first);
        for (size_t j = 0; j < count; j++) {
            building each = *b;
            each.table = rows->table;
            each.row = rows->order[first + j];
            each.map = NULL;
            json_t *built = build(&each, rows->each);
            if (built)
                json_array_append_new(array, built);
        }
        json_object_set_new(message, rows->field, array);
    }
}

/* --- the submission --- */

static json_t *build_submission(building *b)
{
    json_t *submission = json_object();
    json_t *body = build(b, b->mapping->fields);
    json_t *actor = json_object_get(b->mapping->json, "actor");
    json_t *occurred = json_object_get(b->mapping->json, "occurred_at");
    json_t *value;

    if (!body)
        body = json_object();
    add_rows(b, body);
    json_object_set_new(submission, b->mapping->member->name, body);
    if (actor && (value = build(b, actor)) != NULL)
        json_object_set_new(submission, "actor", value);
    if (occurred && (value = build(b, occurred)) != NULL) {
        const char *text = json_string_value(value);
        if (text && strlen(text) == 10) /* a day is its beginning, in UTC */
            json_object_set_new(submission, "occurred_at",
                                json_string(px_arena_printf(b->arena, "%sT00:00:00Z", text)));
        else
            json_object_set(submission, "occurred_at", value);
        json_decref(value);
    }
    return submission;
}

static void read_message(building *b)
{
    json_t *json = build_submission(b);
    char *text = json_dumps(json, JSON_COMPACT);
    px_codec_error error = { PX_REASON_MALFORMED, "" };

    if (text && b->out->state != PX_MAPPED_REFUSED) {
        b->out->message =
            px_codec_from_json(b->mapping->submission, (px_bytes){ text, strlen(text) },
                               &px_submission_limits, b->arena, &error);
        if (!b->out->message)
            refuse_reason(b, error.reason, px_arena_strdup(b->arena, error.field));
    }
    free(text);
    json_decref(json);
}

static void make_id(building *b)
{
    const ProtobufCMessage *body = NULL;
    unsigned char digest[6];
    char hex[sizeof digest * 2 + 1];

    px_codec_oneof(b->out->message, "body", &body);
    px_bytes packed = px_codec_pack(body, b->arena);
    if (!packed.data) {
        refuse_reason(b, PX_REASON_TOO_LARGE, "");
        return;
    }
    crypto_generichash_blake2b(digest, sizeof digest, packed.data, packed.size, NULL, 0);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    b->out->id = px_mapping_token(expand(b, b->mapping->id, hex), b->arena);
    if (!b->out->id || px_arena_overflowed(b->arena))
        refuse_reason(b, PX_REASON_TOO_LARGE, "");
}

/* "role_level_id=lead, skill_id=sql", for people to find the row by. */
typedef struct {
    building *building;
    const char *text;
} naming;

static bool name_column(void *context, const char *name, size_t size)
{
    naming *n = context;
    px_arena *arena = n->building->arena;
    char *column = px_arena_strndup(arena, name, size);

    if (*name == '#' || !column)
        return true;
    const px_sheet *table = n->building->table;
    const char *text = px_sheet_text(table, n->building->row, px_sheet_column(table, column));
    n->text = px_arena_printf(arena, "%s%s%s=%.80s", n->text, *n->text ? ", " : "", column, text);
    if (!n->text)
        n->text = "";
    return true;
}

static bool wanted(building *b)
{
    const char *column;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)b->mapping->where, column, value)
    {
        const char *text = px_sheet_text(b->table, b->row, px_sheet_column(b->table, column));
        if (strcmp(text, json_string_value(value)) == 0)
            continue;
        b->out->state = PX_MAPPED_SKIPPED;
        b->out->text = px_arena_printf(b->arena, "%s is \"%.80s\"", column, text);
        return false;
    }
    return true;
}

px_mapped px_mapping_row(const px_mapping *mapping, size_t row, px_arena *arena)
{
    px_mapped out = { .line = px_sheet_line(mapping->table, row),
                      .key = "",
                      .id = "",
                      .code = "",
                      .field = "",
                      .text = "" };
    building b = { mapping, mapping->table, row, mapping->map, arena, &out };
    naming n = { &b, "" };
    const char *code;
    const char *fault = px_sheet_fault(mapping->table, row, &code);

    px_mapping_columns(mapping->id, name_column, &n);
    out.key = n.text;
    if (fault) {
        refuse(&b, code, "", fault);
        return out;
    }
    if (!wanted(&b))
        return out;
    read_message(&b);
    if (out.message)
        make_id(&b);
    return out;
}

bool px_mapping_stamp(px_mapped *mapped, const px_stamp *stamp, px_arena *arena)
{
    ProtobufCMessage *message = mapped->message;
    char **actor = px_contract_member(message, "actor");
    void **occurred_at = px_contract_member(message, "occurred_at");

    if (stamp->attempt > 1) {
        const char *text = px_arena_printf(arena, "%s-a%u", mapped->id, stamp->attempt);
        mapped->id = text ? px_mapping_token(text, arena) : NULL;
    }
    if (!*actor || !**actor)
        *actor = px_arena_strdup(arena, stamp->actor);
    if (!*occurred_at)
        *occurred_at = px_codec_timestamp(
            stamp->occurred_at_us ? stamp->occurred_at_us : stamp->created_at_us, arena);
    *(char **)px_contract_member(message, "submission_id") = (char *)(uintptr_t)mapped->id;
    *(void **)px_contract_member(message, "created_at") =
        px_codec_timestamp(stamp->created_at_us, arena);
    *(uint64_t *)px_contract_member(message, "after_seq") = stamp->after_seq;
    *(protobuf_c_boolean *)px_contract_member(message, "history") = stamp->history;
    return !px_arena_overflowed(arena);
}
