/* people.h: what several services know of people, projected from the facts of feedback-ingest:
 * reporting lines, and who may see what about whom.
 *
 * Kept in the state under table 16, which no service that uses this module gives to anything else.
 * All is by tenant. An erased person leaves a tombstone that holds nothing but the last key
 * generation.
 */
#ifndef PRAXIS_COMMON_PEOPLE_H
#define PRAXIS_COMMON_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/service.h"
#include "common/store.h"

enum {
    PX_PEOPLE_TABLE = 16,
    PX_ID_SIZE = 65 /* an opaque id is at most 64 bytes, and its NUL */
};

bool px_ids_has(const char (*ids)[PX_ID_SIZE], size_t count, const char *id);
/** Ids as a message holds them: copies in the arena; NULL when it is full. */
char **px_ids_copy(const char (*ids)[PX_ID_SIZE], size_t count, px_arena *arena);

/** A person as known now. */
typedef struct {
    char manager_id[PX_ID_SIZE]; /* "" for none; the manager may have left or been erased since */
    char unit_id[PX_ID_SIZE];
    bool active; /* false once the person has left */
    bool hr_partner;
    uint32_t key_generation; /* of the key for texts about the person: 1, 2, ... */
} px_person;

/** How one person stands to another: Relation of review-cycle's contract. */
typedef enum {
    PX_RELATION_SELF = 1,
    PX_RELATION_MANAGER = 2,
    PX_RELATION_PEER = 3,
    PX_RELATION_REPORT = 4
} px_relation;

/** @return false when the person was never recorded or has been erased; `out` is then untouched */
bool px_people_get(const px_view *state, const char *tenant, const char *person_id, px_person *out);
bool px_people_is_known(const px_view *state, const char *tenant, const char *person_id);
/** Known and has not left. */
bool px_people_is_active(const px_view *state, const char *tenant, const char *person_id);
/** The direct manager; both are known, and the manager has not left. */
bool px_people_is_manager_of(const px_view *state, const char *tenant, const char *manager_id,
                             const char *person_id);
/** Known, has not left, and is an HR partner. */
bool px_people_is_hr_partner(const px_view *state, const char *tenant, const char *person_id);
/** The person is known, and the viewer is the person, their direct manager or an HR partner. */
bool px_people_may_view(const px_view *state, const char *tenant, const char *viewer_id,
                        const char *person_id);
/** How `rater_id` stands to `person_id` by the reporting lines of now; peer when no line says else.
 */
px_relation px_people_relation(const px_view *state, const char *tenant, const char *rater_id,
                               const char *person_id);

/** Generation of the key for texts about a person; 0 when unknown or erased:
 * px_service.key_generation. */
uint32_t px_people_key_generation(const px_view *state, const char *tenant, const char *person_id);
/** The highest generation the id ever had, erased or not; 0 when it never was a person. */
uint32_t px_people_last_generation(const px_view *state, const char *tenant, const char *person_id);

/** The next id after `person_id` ("" to begin) that is or was a person's; the state may change
 * between calls. */
bool px_people_next(const px_view *state, const char *tenant, char person_id[PX_ID_SIZE]);

/** Walks the known people of a tenant in the order of their ids; embedded by the caller. */
typedef struct {
    px_scan scan;
} px_people_scan;

void px_people_scan_begin(px_people_scan *scan, const px_view *state, const char *tenant);
/** @return false at the end; `person_id` gets the id */
bool px_people_scan_next(px_people_scan *scan, char person_id[PX_ID_SIZE], px_person *out);
/** Must be called exactly once. */
void px_people_scan_end(px_people_scan *scan);

/** Folds PersonRecorded: an evolver of feedback-ingest, a projector of everybody else. */
px_evolver_fn px_people_project_recorded;
/** Folds PersonErased: nothing of the person is left but the generation. */
px_evolver_fn px_people_project_erased;

#endif
