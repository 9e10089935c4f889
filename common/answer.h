/* answer.h: questions answered from the projection, while the fold goes on. */
#ifndef PRAXIS_COMMON_ANSWER_H
#define PRAXIS_COMMON_ANSWER_H

#include "common/service.h"
#include "common/vault.h"

enum {
    PX_QUESTION_BYTES_MAX = 8 * 1024,
    PX_ANSWER_ARENA_BYTES = 8 * 1024 * 1024,
    PX_ANSWER_BYTES_MAX = 960 * 1024 /* what a server with default limits still carries */
};

/** A question as it reached us. */
typedef struct {
    const char *tenant;
    const char *name; /* "GetPlan"; "GetResult" is answered by every daemon */
    px_bytes bytes;
    bool json;          /* encoding of question and answer */
    uint64_t after_seq; /* the answer must be as of this log sequence or later; 0 = any */
} px_question;

/** The answer, or a praxis.common.v1.QueryError when refused; in the question's encoding, in the
 * arena. */
typedef struct {
    px_bytes bytes;
    px_reason refused; /* PX_REASON_NONE = answered */
    const char *text;  /* of the refusal */
} px_answer;

/** Answers from one snapshot of the store. Any thread; never waits for the writer. */
px_answer px_answer_question(const px_service *service, px_store *store, px_vault *vault,
                             bool ready, const px_question *question, px_arena *arena);

#endif
