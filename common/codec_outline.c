/* codec_outline.c: depth and size of a JSON text before it is parsed, and where byte n of it
 * stands. */
#include <string.h>

#include "common/codec.h"
#include "common/codec_impl.h"

enum {
    KEY_SHOWN_MAX = 64, /* bytes of a key we do not know, in an error */
    NAME_SIZE = 64
};

static px_json_nest *top(px_json_outline *o)
{
    return o->depth > 0 ? &o->nests[o->depth - 1] : NULL;
}

static void open_nest(px_json_outline *o, bool list)
{
    o->values++;
    if (o->depth == PX_JSON_NESTS_MAX) {
        o->too_deep = true;
        return;
    }
    o->nests[o->depth++] = (px_json_nest){ .list = list };
}

static void next_value(px_json_outline *o)
{
    px_json_nest *nest = top(o);

    o->values++;
    if (!nest)
        return;
    nest->index++;
    nest->key = NULL;
}

/* From behind an opening quote to behind the closing one. */
static const char *skip_string(px_json_outline *o, const char *at, const char *end)
{
    px_json_nest *nest = top(o);
    const char *start = at;

    while (at < end && *at != '"')
        at += *at == '\\' && end - at > 1 ? 2 : 1;
    if (nest && !nest->list && !nest->key) { /* the first string of a member is its name */
        nest->key = start;
        nest->key_size = (size_t)(at - start);
    }
    return at < end ? at + 1 : end;
}

void px_json_outline_walk(px_json_outline *o, const char *text, size_t size)
{
    const char *end = text + size;

    *o = (px_json_outline){ 0 };
    while (text < end && !o->too_deep) {
        switch (*text++) {
        case '{':
            open_nest(o, false);
            break;
        case '[':
            open_nest(o, true);
            break;
        case '}':
        case ']':
            if (o->depth > 0)
                o->depth--;
            break;
        case ',':
            next_value(o);
            break;
        case '"':
            text = skip_string(o, text, end);
            break;
        default:
            break; /* blanks, colons, numbers, words: the parser's business */
        }
    }
}

/* A key from outside goes into an error only if it looks like a name. */
static bool is_name(const char *key)
{
    size_t size = strlen(key);

    return size > 0 && size <= KEY_SHOWN_MAX &&
           strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == size;
}

bool px_json_outline_fail(const px_json_outline *o, const ProtobufCMessageDescriptor *type,
                          px_reason reason, px_arena *arena, px_codec_error *error)
{
    px_path steps[PX_JSON_NESTS_MAX];
    px_path *leaf = NULL;

    for (unsigned i = 0; i < o->depth && type; i++) {
        const px_json_nest *nest = &o->nests[i];
        if (nest->list && leaf)
            leaf->index = nest->index + 1;
        if (nest->list)
            continue;
        const char *key = nest->key ? px_arena_strndup(arena, nest->key, nest->key_size) : NULL;
        if (!key)
            break;
        const ProtobufCFieldDescriptor *field = px_json_field(type, key);
        if (!field && !is_name(key))
            break;
        steps[i] = field ? px_path_to(leaf, field) : (px_path){ .parent = leaf, .name = key };
        leaf = &steps[i];
        type = field && field->type == PROTOBUF_C_TYPE_MESSAGE ? field->descriptor : NULL;
    }
    return px_codec_fail(error, reason, leaf, arena);
}

/* "competency_id" of "competencyId"; false for what no JSON name is. */
static bool snake_case(const char *key, char out[NAME_SIZE])
{
    size_t used = 0;

    for (; *key; key++) {
        bool capital = *key >= 'A' && *key <= 'Z';
        if (*key == '_' || used + 2 >= NAME_SIZE)
            return false;
        if (capital)
            out[used++] = '_';
        out[used++] = capital ? (char)(*key - 'A' + 'a') : *key;
    }
    out[used] = '\0';
    return true;
}

const ProtobufCFieldDescriptor *px_json_field(const ProtobufCMessageDescriptor *type,
                                              const char *key)
{
    char name[NAME_SIZE];
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(type, key);

    if (!field && snake_case(key, name))
        field = protobuf_c_message_descriptor_get_field_by_name(type, name);
    return field;
}
