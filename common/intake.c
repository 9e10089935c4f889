#include "common/intake.h"

#include <string.h>
#include <strings.h>

#include "common/codec.h"
#include "praxis/common/v1/bundle.pb-c.h"
#include "praxis/common/v1/text.pb-c.h"

/* ---- subject ---- */

bool px_is_id(const char *text)
{
    size_t size = px_id_span(text);

    return size >= 1 && size <= 64 && text[size] == 0;
}

/* praxis.v1.<tenant>.submit.<service>.<Type>.<source> */
bool px_intake_subject(const char *subject, const char *service, px_arena *arena,
                       const char **tenant, const char **type, const char **source)
{
    enum { TOKENS = 7 };
    char *copy = px_arena_strdup(arena, subject), *token[TOKENS], *save = NULL, *t;
    size_t n = 0;

    if (copy == NULL)
        return false;
    for (t = strtok_r(copy, ".", &save); t != NULL && n < TOKENS; t = strtok_r(NULL, ".", &save))
        token[n++] = t;
    if (t != NULL || n != TOKENS || strcmp(token[0], "praxis") != 0 ||
        strcmp(token[1], "v1") != 0 || strcmp(token[3], "submit") != 0 ||
        strcmp(token[4], service) != 0 || !px_is_id(token[2]) || !px_is_id(token[6]))
        return false;
    *tenant = token[2];
    *type = token[5];
    *source = token[6];
    return true;
}

/* ---- members of the envelope, which all services share by name ---- */

static void *member(const ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);

    PX_ASSERT(field != NULL);
    return (uint8_t *)(uintptr_t)message + field->offset;
}

static const char *text_member(const ProtobufCMessage *message, const char *name)
{
    const char *text = *(char *const *)member(message, name);

    return text != NULL ? text : "";
}

static int64_t time_member(const ProtobufCMessage *message, const char *name)
{
    return px_codec_time_us(*(void *const *)member(message, name));
}

/* ---- reading ---- */

static void refuse(px_intake *intake, px_reason reason, const char *field)
{
    intake->verdict = px_reject(reason, field);
}

static void unreadable(px_intake *intake, px_reason reason, const char *field, px_bytes bytes)
{
    intake->id = intake->actor = "";
    intake->message = NULL;
    px_chain_digest(bytes, intake->digest);
    refuse(intake, reason, field);
}

static bool is_json(const px_bus_msg *message)
{
    const char *type = px_bus_msg_header(message, "Content-Type");

    return type != NULL && strncasecmp(type, "application/json", 16) == 0;
}

/* Headers are untrusted copies: they may be absent, but not contradict. */
static bool headers_agree(const px_bus_msg *message, const px_intake *intake)
{
    const char *version = px_bus_msg_header(message, "ce-specversion");
    const char *id = px_bus_msg_header(message, "ce-id");
    const char *type = px_bus_msg_header(message, "ce-type");

    return (version == NULL || strcmp(version, "1.0") == 0) &&
           (id == NULL || strcmp(id, intake->id) == 0) &&
           (type == NULL || intake->body == NULL ||
            strcmp(type, intake->body->descriptor->name) == 0);
}

static void find_texts(px_intake *intake)
{
    px_codec_text texts[PX_INTAKE_TEXTS_MAX];
    size_t n = px_codec_texts(intake->message, texts, PX_INTAKE_TEXTS_MAX);

    PX_ASSERT(n <= PX_INTAKE_TEXTS_MAX); /* a property of our own contract */
    for (size_t i = 0; i < n; i++) {
        const Praxis__PersonalText *text = (const Praxis__PersonalText *)texts[i].text;
        const char *plain = text->plain != NULL ? text->plain : "";

        intake->texts[i] =
            (px_intake_text){ texts[i].text, texts[i].person_id, { plain, strlen(plain) }, 0 };
    }
    intake->text_count = n;
}

static void read_envelope(px_intake *intake, const char *type_token, px_arena *arena)
{
    px_codec_error error;

    intake->actor = text_member(intake->message, "actor");
    if (!px_is_id(
            intake->actor)) /* refused below; the log must not keep what stands there instead */
        intake->actor = "";
    intake->created_at_us = time_member(intake->message, "created_at");
    intake->occurred_at_us = time_member(intake->message, "occurred_at");
    intake->after_seq = *(uint64_t *)member(intake->message, "after_seq");
    intake->history = *(protobuf_c_boolean *)member(intake->message, "history");
    intake->type = px_codec_oneof(intake->message, "body", &intake->body);
    find_texts(intake);
    if (intake->type == 0)
        refuse(intake, PX_REASON_FIELD_MISSING, "body");
    else if (type_token != NULL &&
             strcmp(type_token, px_codec_short_name(intake->body->descriptor)) != 0)
        refuse(intake, PX_REASON_TYPE_MISMATCH, "");
    else if (!px_codec_check(intake->message, arena, &error))
        refuse(intake, error.reason, error.field);
}

static void read_submission(px_intake *intake, const px_service *service, px_bytes bytes,
                            const char *type_token, px_arena *arena)
{
    px_codec_error error = { PX_REASON_MALFORMED, "" };

    intake->verdict = px_accept();
    if (intake->json)
        intake->message =
            px_codec_from_json(service->submission, bytes, &px_submission_limits, arena, &error);
    else if (px_codec_scan(service->submission, bytes, &px_submission_limits, arena, &error))
        intake->message = px_codec_unpack(service->submission, bytes, arena);
    if (intake->message == NULL) {
        unreadable(intake, error.reason, error.field, bytes);
        return;
    }
    intake->id = text_member(intake->message, "submission_id");
    if (!px_is_id(intake->id))
        unreadable(intake, *intake->id ? PX_REASON_FIELD_INVALID : PX_REASON_FIELD_MISSING,
                   "submission_id", bytes);
    else
        read_envelope(intake, type_token, arena);
}

static bool knows_type(const px_service *service, const char *type)
{
    for (unsigned i = 0; i < service->submission->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &service->submission->fields[i];

        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
            strcmp(px_codec_short_name(field->descriptor), type) == 0)
            return true;
    }
    return false;
}

static px_intake *new_intakes(px_arena *arena, size_t count, const px_intake *common)
{
    px_intake *intakes = px_arena_zalloc(arena, count * sizeof *intakes);

    for (size_t i = 0; intakes != NULL && i < count; i++) {
        intakes[i] = *common;
        intakes[i].bundle_index = (uint32_t)i;
    }
    return intakes;
}

/* NULL, with the reason, when the bytes are no acceptable bundle. */
static const Praxis__Bundle *read_bundle(px_bytes bytes, px_arena *arena, px_codec_error *error)
{
    const px_scan_limits limits = { PX_BUNDLE_BYTES_MAX, 2, PX_LIST_ITEMS_MAX, PX_LIST_ITEMS_MAX,
                                    false };
    ProtobufCMessage *bundle;

    if (!px_codec_scan(&praxis__bundle__descriptor, bytes, &limits, arena, error))
        return NULL;
    bundle = px_codec_unpack(&praxis__bundle__descriptor, bytes, arena);
    return bundle != NULL && px_codec_check(bundle, arena, error) ? (const Praxis__Bundle *)bundle
                                                                  : NULL;
}

static size_t read_bundled(const px_service *service, const px_bus_msg *message, px_intake *common,
                           px_arena *arena, px_intake **out)
{
    px_codec_error error = { PX_REASON_MALFORMED, "" };
    const Praxis__Bundle *bundle = read_bundle(message->data, arena, &error);
    size_t count = bundle != NULL ? bundle->n_submissions : 1;

    common->json = false;
    *out = new_intakes(arena, count, common);
    if (*out == NULL)
        return 0;
    if (bundle == NULL) {
        unreadable(*out, error.reason, error.field, message->data);
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        px_bytes bytes = { bundle->submissions[i].data, bundle->submissions[i].len };

        read_submission(&(*out)[i], service, bytes, NULL, arena);
    }
    return count;
}

size_t px_intake_read(const px_service *service, const px_bus_msg *message, px_arena *arena,
                      px_intake **out)
{
    px_intake common = {
        .tenant = "", .source = "", .id = "", .actor = "", .inbox_seq = message->seq
    };
    const char *type = "";
    bool addressed = px_intake_subject(message->subject, service->name, arena, &common.tenant,
                                       &type, &common.source);

    common.json = is_json(message);
    if (addressed && strcmp(type, "Bundle") == 0)
        return read_bundled(service, message, &common, arena, out);
    *out = new_intakes(arena, 1, &common);
    if (*out == NULL)
        return 0;
    if (!addressed || !knows_type(service, type))
        unreadable(*out, PX_REASON_UNKNOWN_TYPE, "", message->data);
    else
        read_submission(*out, service, message->data, type, arena);
    if ((*out)->id[0] != 0 && (*out)->verdict.reason == PX_REASON_NONE &&
        !headers_agree(message, *out))
        refuse(*out, PX_REASON_HEADER_MISMATCH, "");
    return 1;
}

/* ---- digest and texts ---- */

static void set_text(px_intake_text *text, const uint8_t *bytes, size_t size)
{
    Praxis__PersonalText *message = (Praxis__PersonalText *)text->text;

    message->plain = (char *)(uintptr_t)protobuf_c_empty_string;
    message->sealed.data = (uint8_t *)(uintptr_t)bytes;
    message->sealed.len = size;
}

/* A key is made only for a person the state knows, so nobody can make keys by naming persons. */
static uint32_t generation_of(const px_intake_text *text, const px_intake *intake,
                              const px_service *service, const px_view *state)
{
    if (text->plain.size == 0 || service->key_generation == NULL || !px_is_id(text->person_id))
        return 0;
    return service->key_generation(state, intake->tenant, text->person_id);
}

size_t px_intake_keys(const px_intake *intake, const px_service *service, const px_view *state,
                      px_vault_name names[PX_INTAKE_TEXTS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < intake->text_count; i++) {
        const px_intake_text *text = &intake->texts[i];
        uint32_t generation = generation_of(text, intake, service, state);

        if (generation > 0)
            names[count++] = (px_vault_name){ intake->tenant, text->person_id, generation };
    }
    return count;
}

static px_status text_mac(px_intake_text *text, const px_intake *intake, const px_service *service,
                          const px_view *state, px_vault *vault, px_arena *arena)
{
    uint8_t *mac = px_arena_alloc(arena, PX_VAULT_MAC_SIZE);
    px_status status;

    if (mac == NULL)
        return PX_ENOMEM;
    set_text(text, NULL, 0);
    text->generation = vault != NULL ? generation_of(text, intake, service, state) : 0;
    if (text->generation == 0)
        return PX_OK;
    status = px_vault_ensure(vault, intake->tenant, text->person_id, text->generation);
    if (status == PX_OK)
        status = px_vault_mac(vault, intake->tenant, text->person_id, text->generation, text->plain,
                              mac);
    if (status == PX_OK)
        set_text(text, mac, PX_VAULT_MAC_SIZE);
    if (status == PX_EFORBIDDEN ||
        status == PX_ENOTFOUND) { /* erased a moment ago, by another daemon */
        text->generation = 0;
        status = PX_OK;
    }
    return status;
}

static px_status digest_message(const px_intake *intake, px_arena *arena, uint8_t *digest)
{
    px_bytes canonical = px_codec_pack(intake->message, arena);

    if (canonical.data == NULL)
        return PX_ENOMEM;
    px_chain_digest(canonical, digest);
    return PX_OK;
}

px_status px_intake_digest(px_intake *intake, const px_service *service, const px_view *state,
                           px_vault *vault, px_arena *arena)
{
    uint64_t *after_seq = member(intake->message, "after_seq");
    px_status status = PX_OK;

    for (size_t i = 0; i < intake->text_count; i++) {
        const px_intake_text *text = &intake->texts[i];

        status = text_mac(&intake->texts[i], intake, service, state, vault, arena);
        if (status != PX_OK)
            return status;
        intake->text_incomparable |= text->plain.size > 0 && text->generation != 1;
    }
    *after_seq = 0;
    status = digest_message(intake, arena, intake->digest);
    for (size_t i = 0; i < intake->text_count; i++)
        set_text(&intake->texts[i], NULL, 0);
    if (status == PX_OK && intake->text_count > 0)
        return digest_message(intake, arena, intake->bare_digest);
    memcpy(intake->bare_digest, intake->digest, PX_DIGEST_SIZE);
    return status;
}

px_status px_intake_seal(px_intake *intake, px_vault *vault, px_arena *arena)
{
    for (size_t i = 0; i < intake->text_count; i++) {
        px_intake_text *text = &intake->texts[i];
        px_bytes sealed;
        px_status status;

        if (text->generation == 0)
            continue;
        status = px_vault_seal(vault, intake->tenant, text->person_id, text->generation,
                               text->plain, arena, &sealed);
        if (status != PX_OK)
            return status;
        set_text(text, sealed.data, sealed.size);
    }
    return PX_OK;
}
