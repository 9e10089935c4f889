/* query.c: what is known of a person, and the feedback about them with its words. Default deny. */
#include <string.h>

#include "common/codec.h"
#include "common/people.h"
#include "praxis/feedback_ingest/v1/query.pb-c.h"
#include "services/feedback-ingest/service.h"
#include "services/feedback-ingest/state.h"

enum {
    LIST_ITEMS_MAX = 500,
    LIST_TEXT_MAX = 512 * 1024 /* bytes of words, so that the answer fits into one message */
};

px_status query_get_person(const px_view *state, const px_request *req, px_reply *reply)
{
    const FeedbackIngest__GetPerson *q = req->body;
    px_person person;

    if (!px_people_get(state, req->tenant, q->person_id, &person))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "person_id");
    if (!px_people_may_view(state, req->tenant, q->viewer_id, q->person_id))
        return px_reply_refuse(reply, PX_REASON_FORBIDDEN, "viewer_id");

    FeedbackIngest__Person *answer = px_reply_new(reply, &feedback_ingest__person__descriptor);
    answer->person_id = q->person_id;
    answer->manager_id = px_arena_strdup(req->arena, person.manager_id);
    answer->unit_id = px_arena_strdup(req->arena, person.unit_id);
    answer->active = person.active;
    answer->hr_partner = person.hr_partner;
    answer->as_of_seq = px_view_cursor(state);
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}

/* Who is asking, in relation to the person the feedback is about. */
typedef struct {
    const char *viewer_id;
    bool is_person;
    bool is_manager; /* or an HR partner, who sees what managers see; never about themself */
} rights;

static rights rights_of(const px_view *state, const char *tenant, const char *viewer_id,
                        const char *about_id)
{
    bool is_person = strcmp(viewer_id, about_id) == 0;

    return (rights){
        .viewer_id = viewer_id,
        .is_person = is_person,
        .is_manager = !is_person && (px_people_is_manager_of(state, tenant, viewer_id, about_id) ||
                                     px_people_is_hr_partner(state, tenant, viewer_id)),
    };
}

static bool may_read(const rights *who, const feedback_record *f)
{
    if (f->withdrawn)
        return false;
    if (strcmp(f->giver_id, who->viewer_id) == 0)
        return true;
    switch ((FeedbackIngest__FeedbackVisibility)f->visibility) {
    case FEEDBACK_INGEST__FEEDBACK_VISIBILITY__FEEDBACK_VISIBILITY_PERSON:
        return who->is_person;
    case FEEDBACK_INGEST__FEEDBACK_VISIBILITY__FEEDBACK_VISIBILITY_PERSON_AND_MANAGER:
        return who->is_person || who->is_manager;
    case FEEDBACK_INGEST__FEEDBACK_VISIBILITY__FEEDBACK_VISIBILITY_MANAGER:
        return who->is_manager;
    default:
        return false;
    }
}

static void copy_tags(FeedbackIngest__FeedbackItem *item, const feedback_record *f, px_arena *arena)
{
    static const FeedbackIngest__TagTone tones[] = {
        FEEDBACK_INGEST__TAG_TONE__TAG_TONE_NEGATIVE,
        FEEDBACK_INGEST__TAG_TONE__TAG_TONE_NEUTRAL,
        FEEDBACK_INGEST__TAG_TONE__TAG_TONE_POSITIVE,
    };

    item->tags = px_arena_alloc(arena, f->tag_count * sizeof *item->tags);
    for (size_t i = 0; item->tags && i < f->tag_count; i++) {
        FeedbackIngest__CompetencyTag *tag = px_arena_alloc(arena, sizeof *tag);

        if (!tag)
            return;
        *tag = (FeedbackIngest__CompetencyTag)FEEDBACK_INGEST__COMPETENCY_TAG__INIT;
        tag->competency_id = px_arena_strdup(arena, f->tags[i].competency_id);
        tag->tone = tones[f->tags[i].tone + 1];
        item->tags[item->n_tags++] = tag;
    }
}

/* NULL when the arena is full. */
static FeedbackIngest__FeedbackItem *open_item(const px_view *state, const px_request *req,
                                               px_reply *reply, const char *feedback_id,
                                               const feedback_record *f)
{
    px_bytes sealed = ingest_state_get_text(state, req->tenant, feedback_id, req->arena);
    FeedbackIngest__FeedbackItem *item = px_arena_alloc(req->arena, sizeof *item);

    if (!item)
        return NULL;
    *item = (FeedbackIngest__FeedbackItem)FEEDBACK_INGEST__FEEDBACK_ITEM__INIT;
    item->feedback_id = px_arena_strdup(req->arena, feedback_id);
    item->giver_id = px_arena_strdup(req->arena, f->giver_id);
    item->kind = (FeedbackIngest__FeedbackKind)f->kind;
    copy_tags(item, f, req->arena);
    item->text = (char *)px_reply_open_text(reply, f->about_id, sealed);
    item->occurred_at = px_codec_timestamp(f->occurred_at_us, req->arena);
    return px_arena_overflowed(req->arena) ? NULL : item;
}

static void list_items(const px_view *state, const px_request *req, px_reply *reply,
                       FeedbackIngest__FeedbackList *list)
{
    const FeedbackIngest__ListFeedback *q = req->body;
    rights who = rights_of(state, req->tenant, q->viewer_id, q->about_id);
    char feedback_id[PX_ID_SIZE];
    size_t text_bytes = 0;
    feedback_record f;
    feedback_scan scan;

    ingest_state_scan_feedback(&scan, state, req->tenant, q->about_id, q->after_feedback_id);
    while (list->n_items < LIST_ITEMS_MAX && text_bytes < LIST_TEXT_MAX &&
           ingest_state_next_feedback(&scan, feedback_id, &f)) {
        if (!may_read(&who, &f))
            continue;
        FeedbackIngest__FeedbackItem *item = open_item(state, req, reply, feedback_id, &f);
        if (!item)
            break;
        text_bytes += strlen(item->text);
        list->items[list->n_items++] = item;
    }
    list->more = (list->n_items == LIST_ITEMS_MAX || text_bytes >= LIST_TEXT_MAX) &&
                 ingest_state_next_feedback(&scan, feedback_id, &f);
    ingest_state_end_feedback(&scan);
}

px_status query_list_feedback(const px_view *state, const px_request *req, px_reply *reply)
{
    const FeedbackIngest__ListFeedback *q = req->body;

    if (!px_people_is_known(state, req->tenant, q->about_id))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "about_id");
    /* Whoever is known may ask and sees what they may see: a giver always sees their own. */
    if (strcmp(q->viewer_id, q->about_id) != 0 &&
        !px_people_is_active(state, req->tenant, q->viewer_id))
        return px_reply_refuse(reply, PX_REASON_FORBIDDEN, "viewer_id");

    FeedbackIngest__FeedbackList *list =
        px_reply_new(reply, &feedback_ingest__feedback_list__descriptor);
    list->items = px_arena_alloc(req->arena, LIST_ITEMS_MAX * sizeof *list->items);
    if (list->items)
        list_items(state, req, reply, list);
    list->as_of_seq = px_view_cursor(state);
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}
