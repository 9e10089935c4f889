/* framework.h: what decisions about the framework have in common. */
#ifndef PRAXIS_COMPETENCY_FRAMEWORK_H
#define PRAXIS_COMPETENCY_FRAMEWORK_H

#include "common/service.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"

/** PX_REASON_NONE when the competency is known and in use. */
px_reason competency_is_out_of_use(const px_view *state, const px_submission *sub,
                                   const char *competency_id);
/** PX_REASON_NONE when something may still be recorded by this id: it is known and not retired. */
px_reason competency_is_beyond_use(const px_view *state, const px_submission *sub,
                                   const char *competency_id);
/** Whether a DefineCompetency names a known framework and a known competency above it, and none is
 * above itself. */
px_verdict competency_check_tree(const px_view *state, const px_submission *sub);
/** Whether the fact would say nothing new. */
bool competency_is_as_known(const px_view *state, const char *tenant,
                            const CompetencyFact__CompetencyDefined *fact);
/** Whether the rules below `from` lead to `parent_id`; true as well when they are too many.
 * decide_evidence.c */
bool competency_leads_to(const px_view *state, const char *tenant, const char *from,
                         const char *parent_id);

#endif
