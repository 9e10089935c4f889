#include "services/praxis/contract.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/codec.h"
#include "common/status.h"

const ProtobufCMessageDescriptor *px_contract_message(const char *service, const char *message)
{
    char name[256];
    int size = snprintf(name, sizeof name, "praxis.%s.v1.%s", service, message);

    if (size < 0 || (size_t)size >= sizeof name)
        return NULL;
    for (char *at = name; *at; at++)
        *at = *at == '-' ? '_' : *at;
    return px_codec_find(name);
}

static bool camel_equal(const char *key, const char *name)
{
    for (; *key || *name; key++, name++) {
        if (*key == *name)
            continue;
        if (*name != '_' || name[1] < 'a' || name[1] > 'z' || *key != name[1] - 'a' + 'A')
            return false;
        name++;
    }
    return true;
}

const ProtobufCFieldDescriptor *px_contract_field(const ProtobufCMessageDescriptor *type,
                                                  const char *key)
{
    for (unsigned i = 0; i < type->n_fields; i++)
        if (strcmp(key, type->fields[i].name) == 0 || camel_equal(key, type->fields[i].name))
            return &type->fields[i];
    return NULL;
}

const ProtobufCFieldDescriptor *px_contract_type(const ProtobufCMessageDescriptor *submission,
                                                 const char *type)
{
    for (unsigned i = 0; i < submission->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &submission->fields[i];
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
            strcmp(px_codec_short_name(field->descriptor), type) == 0)
            return field;
    }
    return NULL;
}

void *px_contract_member(ProtobufCMessage *message, const char *field)
{
    const ProtobufCFieldDescriptor *found =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, field);

    PX_ASSERT(found != NULL);
    return (char *)message + found->offset;
}

/* Questions are called Get... or List... */
static bool is_question(const ProtobufCMessageDescriptor *type, const char *package)
{
    const char *name = px_codec_short_name(type);

    return strcmp(type->package_name, package) == 0 &&
           (strncmp(name, "Get", 3) == 0 || strncmp(name, "List", 4) == 0);
}

const char *px_contract_questions(const char *service, px_arena *arena)
{
    const ProtobufCMessageDescriptor *submission = px_contract_message(service, "Submission");
    const ProtobufCMessageDescriptor *type = NULL;
    const char *all = "";

    while (submission && (type = px_codec_next(type)) != NULL)
        if (is_question(type, submission->package_name))
            all = px_arena_printf(arena, "%s%s%s", all ? all : "", all && *all ? ", " : "",
                                  px_codec_short_name(type));
    return all ? all : "";
}

const char *px_contract_services(void)
{
    return "feedback-ingest, review-cycle, competency, learning-recommender, reporting";
}
