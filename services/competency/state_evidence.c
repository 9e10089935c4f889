/* state_evidence.c: keys and bytes of pieces of evidence, in the order they were heard.
 *
 * Hundreds of levels move between two pieces of evidence of one: rows beside the level would each
 * be written in another place. So they stand one after another, and levels are chains of them. Of
 * all tenants, and behind every other row: what is added at the very end of LMDB's tree fills its
 * pages, what is added anywhere else leaves them half empty.
 */
#include "services/competency/state_evidence.h"

#include <stdlib.h>
#include <string.h>

#include "common/level_record.h"
#include "services/competency/state_keys.h"

enum { LIST_BEGIN = 16 };

/* ---- rows ---- */

static void walk_rating(px_record *r, evidence *e)
{
    uint8_t source = (uint8_t)e->source;

    px_record_u8(r, &source);
    e->source = (px_evidence)source;
    px_record_bytes(r, e->rater, sizeof e->rater);
    px_record_bias(r, &e->rater_bias);
    px_record_bias(r, &e->source_bias);
}

static void walk_completion(px_record *r, evidence *e)
{
    px_record_bytes(r, e->item, sizeof e->item);
    px_record_f64(r, &e->share);
    px_record_f64(r, &e->low);
    px_record_f64(r, &e->high);
    px_record_effect(r, &e->effect);
}

static void walk_evidence(px_record *r, evidence *e)
{
    uint8_t kind = (uint8_t)e->kind;

    px_record_u8(r, &kind);
    e->kind = (evidence_kind)kind;
    px_record_text(r, e->ref, sizeof e->ref);
    px_record_i64(r, &e->at_us);
    px_record_f64(r, &e->value);
    if (e->kind == EVIDENCE_RATING)
        walk_rating(r, e);
    if (e->kind == EVIDENCE_COMPLETION)
        walk_completion(r, e);
}

static void walk_row(px_record *r, void *record)
{
    evidence_row *row = record;

    px_record_u64(r, &row->before);
    px_record_u64(r, &row->number);
    walk_evidence(r, &row->e);
}

static px_keybuf row_key(uint64_t place)
{
    px_keybuf key = px_key_begin(TABLE_EVIDENCE);

    px_key_u64(&key, place);
    return key;
}

static evidence_row get_row(const px_view *state, uint64_t place)
{
    px_keybuf key = row_key(place);
    evidence_row row = { .place = place };
    bool there = level_get(state, &key, walk_row, &row);

    PX_ASSERT(there || px_txn_status(state) != PX_OK);
    return row;
}

static void put_row(px_txn *state, evidence_row row)
{
    px_keybuf key = row_key(row.place);

    level_put(state, &key, walk_row, &row);
}

static void del_row(px_txn *state, uint64_t place)
{
    px_keybuf key = row_key(place);

    level_del(state, &key);
}

/* ---- chains ---- */

static void append(evidence_list *list, size_t *room, const evidence_row *row)
{
    if (list->count == *room) {
        *room = *room ? 2 * *room : LIST_BEGIN;
        list->rows = realloc(list->rows, *room * sizeof *list->rows);
        PX_ASSERT(list->rows != NULL);
    }
    list->rows[list->count++] = *row;
}

static void turn_around(evidence_list *list)
{
    for (size_t i = 0; i < list->count / 2; i++) {
        evidence_row first = list->rows[i];

        list->rows[i] = list->rows[list->count - 1 - i];
        list->rows[list->count - 1 - i] = first;
    }
}

evidence_list competency_state_evidence(const px_view *state, uint64_t last)
{
    evidence_list list = { 0 };
    size_t room = 0;

    while (last != 0) {
        evidence_row row = get_row(state, last);

        append(&list, &room, &row);
        last = row.before;
    }
    turn_around(&list);
    return list;
}

void competency_state_free_evidence(evidence_list *list)
{
    free(list->rows);
    *list = (evidence_list){ 0 };
}

static void walk_count(px_record *r, void *record)
{
    px_record_u64(r, record);
}

void competency_state_add_evidence(px_txn *state, said_record *said, uint64_t number,
                                   const evidence *e)
{
    px_keybuf key = px_key_begin(TABLE_EVIDENCE_COUNT);
    uint64_t count = 0;

    level_get(state, &key, walk_count, &count);
    count++;
    level_put(state, &key, walk_count, &count);
    put_row(state,
            (evidence_row){ .place = count, .before = said->evidence, .number = number, .e = *e });
    said->evidence = count;
}

void competency_state_del_evidence(px_txn *state, const evidence_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        del_row(state, list->rows[i].place);
}

/* ---- one that is taken back ---- */

static bool is_of(const evidence *e, evidence_kind kind, const char *ref)
{
    return e->kind == kind && strcmp(e->ref, ref) == 0;
}

static bool any_of(const evidence_list *list, evidence_kind kind, const char *ref)
{
    for (size_t i = 0; i < list->count; i++)
        if (is_of(&list->rows[i].e, kind, ref))
            return true;
    return false;
}

/* The one after it names the one before it. */
static void keep_row(px_txn *state, heard_record *here, evidence_row *row)
{
    if (row->before != here->said.evidence) {
        row->before = here->said.evidence;
        put_row(state, *row);
    }
    here->said.evidence = row->place;
    standing_hear(&here->standing, &row->e);
}

bool competency_state_remove_evidence(px_txn *state, heard_record *here, evidence_kind kind,
                                      const char *ref, evidence *removed)
{
    evidence_list list = competency_state_evidence(state, here->said.evidence);
    bool any = any_of(&list, kind, ref);

    if (any) {
        here->said.evidence = 0;
        here->standing = (standing){ 0 };
    }
    for (size_t i = 0; any && i < list.count; i++) {
        evidence_row *row = &list.rows[i];

        if (is_of(&row->e, kind, ref)) {
            *removed = row->e;
            del_row(state, row->place);
        } else {
            keep_row(state, here, row);
        }
    }
    competency_state_free_evidence(&list);
    return any;
}

bool competency_state_find_evidence(const px_view *state, const char *tenant, const char *person_id,
                                    evidence_kind kind, const char *ref,
                                    char competency_id[PX_ID_SIZE])
{
    bool found = false;
    said_record said;

    competency_id[0] = '\0';
    while (!found && competency_state_next_heard(state, tenant, person_id, competency_id)) {
        level_key key = { tenant, person_id, competency_id };

        competency_state_get_said(state, &key, &said);
        evidence_list list = competency_state_evidence(state, said.evidence);
        found = any_of(&list, kind, ref);
        competency_state_free_evidence(&list);
    }
    return found;
}
