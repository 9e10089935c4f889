/* reason.h: every way a submission or a query can be refused: its code and its text for a person.
 *
 * One list, so that the table in the README is generated from it (praxis reasons). Codes are
 * contract: they are only ever added.
 */
#ifndef PRAXIS_COMMON_REASON_H
#define PRAXIS_COMMON_REASON_H

#define PX_REASONS(X)                                                                              \
    /* what the engine refuses before anything is decided */                                       \
    X(MALFORMED, "the bytes are not a submission of this service")                                 \
    X(TOO_LARGE, "the message is larger than the limit")                                           \
    X(TOO_DEEP, "the message is nested too deeply")                                                \
    X(TOO_MANY_ITEMS, "the message has more fields or list items than the limit")                  \
    X(BAD_UTF8, "a text is not valid UTF-8 or holds a NUL or control character")                   \
    X(UNKNOWN_FIELD, "the contract has no such field")                                             \
    X(UNKNOWN_TYPE, "this service has no submission of this type")                                 \
    X(TYPE_MISMATCH, "the type in the subject is not the type in the body")                        \
    X(HEADER_MISMATCH, "a CloudEvents header contradicts the body")                                \
    X(FIELD_MISSING, "a required field is empty")                                                  \
    X(FIELD_INVALID, "the field's value is outside its constraints")                               \
    X(CREATED_AT_OUT_OF_RANGE, "created_at is more than 34 days ago or over an hour ahead")        \
    X(OCCURRED_AT_OUT_OF_RANGE,                                                                    \
      "occurred_at is over an hour ahead, or a jump of more than a year")                          \
    X(AFTER_SEQ_OUT_OF_RANGE, "after_seq is beyond the end of the log")                            \
    X(ID_REUSED, "this submission id was used before with other content")                          \
    X(TOO_MUCH_FOLLOWS, "the facts of this submission would not fit into one batch")               \
    /* people and units */                                                                         \
    X(PERSON_UNKNOWN, "no such person is known")                                                   \
    X(PERSON_INACTIVE, "the person has left")                                                      \
    X(UNIT_UNKNOWN, "no such unit is known")                                                       \
    X(UNIT_LOOP, "the unit would be above itself")                                                 \
    X(MANAGER_LOOP, "the person would be their own manager, directly or not")                      \
    X(ACTOR_UNKNOWN, "the actor is not a known, active person")                                    \
    X(NOT_ALLOWED, "the actor may not do this")                                                    \
    /* feedback */                                                                                 \
    X(SELF_FEEDBACK, "feedback to oneself is a note, not feedback")                                \
    X(FEEDBACK_EXISTS, "this feedback id is taken")                                                \
    X(FEEDBACK_UNKNOWN, "no such feedback is known")                                               \
    X(ALREADY_WITHDRAWN, "it was withdrawn before")                                                \
    /* scales, cycles, reviews */                                                                  \
    X(SCALE_UNKNOWN, "no such scale or version is known")                                          \
    X(SCALE_VERSION, "versions of a scale are 1, 2, 3, ... and never change")                      \
    X(SCALE_ORDER, "values must ascend")                                                           \
    X(SCALE_DEFAULT, "the default must be one of the values")                                      \
    X(SCALE_PROFICIENT, "at least one value must be proficient, and all above it")                 \
    X(BAD_SCALE_VALUE, "the value is not on the scale")                                            \
    X(CYCLE_EXISTS, "this cycle id is taken")                                                      \
    X(CYCLE_UNKNOWN, "no such cycle is known")                                                     \
    X(OVERLAP, "the dates overlap another cycle")                                                  \
    X(ILLEGAL_TRANSITION, "it cannot move there from where it stands")                             \
    X(REASON_MISSING, "this move needs a reason")                                                  \
    X(REVIEWS_MISSING, "manager reviews are missing; force with a reason to go on without them")   \
    X(CYCLE_NOT_OPEN, "the cycle is not in its writing phase")                                     \
    X(RELATION_MISMATCH, "the reporting lines say another relation")                               \
    X(REVIEW_EXISTS, "this review id, or a review of this person by this rater, exists")           \
    X(REVIEW_UNKNOWN, "no such review is known")                                                   \
    X(REVIEW_EMPTY, "a review needs at least one rating or a comment")                             \
    X(RATING_TWICE, "a competency or criterion is rated or tagged twice")                          \
    X(TOO_LATE, "the results are shared already")                                                  \
    X(TEMPLATE_MISSING,                                                                            \
      "roles without a template (GetCycle lists them); force with a reason to go on without")      \
    X(TEMPLATE_VERSION, "versions of a role's template are 1, 2, 3, ... and never change")         \
    X(CRITERION_TWICE, "the template names the same criterion twice")                              \
    X(WEIGHTS, "the weights of a facet must be 100.00 % in all")                                   \
    X(CRITERION_UNKNOWN, "the person's template has no such criterion to be rated")                \
    X(STRATEGY_ITEM_EXISTS, "this strategy item id is taken")                                      \
    X(STRATEGY_ITEM_UNKNOWN, "no such strategy item is known")                                     \
    X(STRATEGY_ITEM_RETIRED, "the strategy item is no longer in force")                            \
    /* competencies and roles */                                                                   \
    X(COMPETENCY_UNKNOWN, "no such competency is known")                                           \
    X(LEVEL_NAME_TWICE, "two levels have the same name")                                           \
    X(LEVELS_CHANGED, "the number of levels cannot change once defined")                           \
    X(ROLE_UNKNOWN, "no such role is known")                                                       \
    X(ROLE_BY_RULE, "who holds this role follows from its rule")                                   \
    X(EVIDENCE_EXISTS, "this evidence id is taken")                                                \
    X(EVIDENCE_UNKNOWN, "no such evidence is known")                                               \
    X(REVIEW_STEP, "the prior learning does not stand where this step begins")                     \
    X(CHILD_TWICE, "the rule names the same child twice")                                          \
    X(RULE_LOOP, "the competency would lead to itself, or over more than 256 others")              \
    X(POINTS_UNREACHABLE, "all children together are worth less than the points needed")           \
    X(COMPETENCY_EXISTS, "this competency id is taken")                                            \
    X(COMPETENCY_REPLACED, "the competency was retired, or others have taken its place")           \
    X(PART_TWICE, "the same competency is named twice, or is the one it should replace")           \
    X(FRAMEWORK_UNKNOWN, "no such framework is known")                                             \
    X(PARENT_LOOP, "the competency would be above itself, or too far below")                       \
    X(PREREQ_CYCLE, "the competency would come before itself, or after more than 256 others")      \
    X(NOT_SUGGESTED, "nothing is suggested of this person that waits for an answer")               \
    X(ASSESSMENT_EXISTS, "this assessment id is taken")                                            \
    /* learning */                                                                                 \
    X(PLAN_UNKNOWN, "the person has no such plan")                                                 \
    X(PLAN_OPEN, "another plan of the person is open")                                             \
    X(PLAN_NONE, "the person has no open plan")                                                    \
    X(PLAN_FULL, "the plan has as many items as a plan may have")                                  \
    X(PLAN_NOT_LINKED, "the plan follows no template")                                             \
    X(TEMPLATE_UNKNOWN, "no such template is known")                                               \
    X(TEMPLATE_EXISTS, "a template or an initiative has this id")                                  \
    X(INITIATIVE_UNKNOWN, "no such initiative is known")                                           \
    X(INITIATIVE_ENDED, "the initiative has ended")                                                \
    X(MENTORING_UNKNOWN, "nobody waits for this mentor's answer there")                            \
    X(COMPETENCY_TWICE, "the same competency is named twice")                                      \
    X(ITEM_TWICE, "the template names the same item twice")                                        \
    X(TOO_MANY_NEEDED, "more optional items are needed than there are")                            \
    X(ITEM_PLANNED, "the item is in an open plan of the person")                                   \
    X(ITEM_NOT_PLANNED, "the item is in no open plan of the person")                               \
    X(ITEM_ACCEPTED, "it has been agreed to before")                                               \
    X(ITEM_WAIVED, "there is no need for the item any more")                                       \
    X(ITEM_MANDATORY, "the item is mandatory: it may be objected to, but stays")                   \
    X(ITEM_UNKNOWN, "no such item is in the catalogue")                                            \
    X(ITEM_RETIRED, "the item is no longer offered")                                               \
    X(ITEM_COMPLETED, "the person has completed this item before")                                 \
    X(ITEM_NOT_COMPLETED, "the person has not completed this item")                                \
    X(ITEM_STARTED, "the person has started this item before")                                     \
    X(OUTCOME_TWICE, "the item names the same competency twice")                                   \
    X(LEVEL_WINDOW, "level_to must not be below level_from")                                       \
    X(PREREQUISITE_LOOP, "the item would be its own prerequisite")                                 \
    X(ACTIVITY_TAKEN, "another item has this activity id")                                         \
    X(ACTIVITY_UNKNOWN, "no item of the catalogue has this activity id")                           \
    X(STATEMENT_VERB, "statements with this verb say nothing of learning that counts here")        \
    X(STATEMENT_EXISTS, "this statement was taken before")                                         \
    X(STATEMENT_VOIDED, "this statement was taken back")                                           \
    X(PROMPT_ORDER, "the days of prompts must ascend")                                             \
    X(UNIT_TOO_LONG, "a unit of micro-learning takes ten minutes at most")                         \
    X(PROMPT_UNKNOWN, "the person has not been prompted for this")                                 \
    X(PROMPT_ANSWERED, "the prompt has been answered before")                                      \
    /* reports */                                                                                  \
    X(MINIMUM_LOWERED, "the group minimum may be raised, never lowered")                           \
    X(GROUP_TOO_LARGE, "these are more units, people or competencies than one answer counts")      \
    /* queries */                                                                                  \
    X(NOT_FOUND, "there is nothing like that")                                                     \
    X(FORBIDDEN, "the viewer may not see this")                                                    \
    X(NOT_READY, "the daemon is still catching up with the log")                                   \
    X(UNKNOWN_QUESTION, "this service answers no such question")

typedef enum {
    PX_REASON_NONE = 0,
#define PX_REASON_ENUM(name, text) PX_REASON_##name,
    PX_REASONS(PX_REASON_ENUM)
#undef PX_REASON_ENUM
        PX_REASON_COUNT
} px_reason;

/** "PERSON_UNKNOWN"; static. */
const char *px_reason_code(px_reason reason);
/** The standing text; static. */
const char *px_reason_text(px_reason reason);
/** The reason with this code, PX_REASON_NONE when there is none. */
px_reason px_reason_from_code(const char *code);

#endif
