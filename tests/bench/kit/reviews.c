#include "tests/bench/kit/reviews.h"

#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/common/v1/bundle.pb-c.h"
#include "praxis/common/v1/text.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/praxis/programme.h"
#include "tests/bench/kit/clock.h"

enum { MANAGER_RATINGS = 3, VALUES = 5, ARENA_BYTES = 8 * 1024 * 1024 };

bench_review bench_review_by_manager(size_t person)
{
    return (bench_review){ .person = person,
                           .rater = bench_manager(person),
                           .manager = true,
                           .ratings = MANAGER_RATINGS,
                           .place = person,
                           .role = person % BENCH_ROLES };
}

bench_review bench_review_by_colleague(size_t person, size_t colleague, size_t people)
{
    return (bench_review){ .person = person,
                           .rater = (person + BENCH_TEAM + colleague) % people,
                           .ratings = 1,
                           .place = person + colleague,
                           .role = person % BENCH_ROLES };
}

size_t bench_reviewed(size_t people)
{
    return people / BENCH_TEAM * (BENCH_TEAM - 1);
}

bench_review bench_review_nth(size_t n, size_t people)
{
    /* In no order that a projection could profit from; the prime divides no company of ours. */
    size_t nth = n % bench_reviewed(people) * 7919 % bench_reviewed(people);
    size_t person = nth / (BENCH_TEAM - 1) * BENCH_TEAM + nth % (BENCH_TEAM - 1) + 1;

    return bench_review_by_colleague(person, n / bench_reviewed(people), people);
}

size_t bench_reviews_most(size_t people)
{
    return bench_reviewed(people) * (people - 2 * BENCH_TEAM);
}

size_t bench_review_competency(const bench_review *review, size_t k)
{
    size_t apart = BENCH_TARGETS / review->ratings;

    return bench_target(review->role, (review->place + k * apart) % BENCH_TARGETS);
}

/* Drawn by Knuth's multiplicative hash of who says what of whom. */
int32_t bench_review_value(const bench_review *review, size_t k)
{
    uint64_t drawn = (review->person * 1000003 + review->rater * 31 + k) * 0x9e3779b97f4a7c15u;

    return review->manager ? 1 : (int32_t)((drawn >> 32) % VALUES) + 1;
}

static px_bytes pack_review(const bench_review *review, size_t number, px_arena *arena)
{
    static const char text[] = "Explains what she does and why, listens to what others know, and "
                               "asks before things are late. Should say no more often, and write "
                               "down what was agreed so that others can go on with it.";
    px_programme one = px_programme_begin(arena);
    char *id = bench_name(arena, "r", number);
    ReviewCycle__SubmitReview *body =
        px_programme_add(&one, "review-cycle", REVIEW_CYCLE__SUBMISSION__BODY_SUBMIT_REVIEW, id,
                         bench_name(arena, "p", review->rater), bench_wall_us());

    PX_ASSERT(body != NULL);
    body->review_id = id;
    body->cycle_id = bench_name(arena, "cycle", 1);
    body->subject_id = bench_name(arena, "p", review->person);
    body->relation = review->manager ? REVIEW_CYCLE__RELATION__RELATION_MANAGER
                                     : REVIEW_CYCLE__RELATION__RELATION_PEER;
    body->ratings = px_arena_alloc(arena, review->ratings * sizeof(void *));
    PX_ASSERT(body->ratings != NULL);
    for (size_t k = 0; k < review->ratings; k++) {
        body->ratings[k] = bench_new(&review_cycle__competency_rating__descriptor, arena);
        body->ratings[k]->competency_id =
            bench_name(arena, "c", bench_review_competency(review, k));
        body->ratings[k]->value = bench_review_value(review, k);
    }
    body->n_ratings = review->ratings;
    if (review->comment) {
        body->comment = bench_new(&praxis__personal_text__descriptor, arena);
        body->comment->plain = px_arena_strdup(arena, text);
    }
    return px_codec_pack(one.items[0].message, arena);
}

static px_bytes pack_bundle(const bench_review *reviews, size_t count, size_t first,
                            px_arena *arena)
{
    Praxis__Bundle *bundle = bench_new(&praxis__bundle__descriptor, arena);

    bundle->submissions = px_arena_alloc(arena, count * sizeof *bundle->submissions);
    PX_ASSERT(bundle->submissions != NULL);
    for (size_t i = 0; i < count; i++) {
        px_bytes bytes = pack_review(&reviews[i], first + i, arena);
        bundle->submissions[i] =
            (ProtobufCBinaryData){ bytes.size, (uint8_t *)(uintptr_t)bytes.data };
    }
    bundle->n_submissions = count;
    return px_codec_pack(&bundle->base, arena);
}

px_bytes *bench_review_messages(const bench_review *reviews, size_t count, size_t first,
                                size_t bundle, size_t *message_count)
{
    size_t wanted = (count + bundle - 1) / bundle;
    px_bytes *messages = calloc(wanted, sizeof *messages);
    px_arena arena;

    PX_ASSERT(messages != NULL && px_arena_init(&arena, ARENA_BYTES));
    for (size_t i = 0; i < wanted; i++) {
        size_t at = i * bundle, size = count - at < bundle ? count - at : bundle;
        px_bytes bytes = bundle == 1 ? pack_review(&reviews[at], first + at, &arena)
                                     : pack_bundle(&reviews[at], size, first + at, &arena);
        void *copy = malloc(bytes.size);

        PX_ASSERT(bytes.data != NULL && copy != NULL);
        memcpy(copy, bytes.data, bytes.size);
        messages[i] = (px_bytes){ copy, bytes.size };
        px_arena_reset(&arena);
    }
    px_arena_fini(&arena);
    *message_count = wanted;
    return messages;
}

void bench_messages_free(px_bytes *messages, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)messages[i].data);
    free(messages);
}
