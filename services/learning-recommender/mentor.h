/* mentor.h: who teaches whom: the colleague who is most surely ahead and has room. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_MENTOR_H
#define PRAXIS_LEARNING_RECOMMENDER_MENTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "services/learning-recommender/choose.h"

enum { MENTOR_NONE = -1, MENTOR_ROOM = 2 /* mentees of one mentor in a quarter */ };

/** A colleague as a mentor in one competency. */
typedef struct {
    const char *id; /* breaks ties; unique */
    double mu, sd;
    uint32_t room; /* mentees that can still be taken on, in whatever competency */
} mentor;

/**
 * Who mentors a person: the highest mu - .5 sd with room left who is not the person. Ties (within
 * 1e-12) go to the lower id.
 * @return index, or MENTOR_NONE
 */
int mentor_find(const mentor *mentors, uint32_t count, const char *person_id);
/** choose_touch.factor of a mentor's item: clamp(mu_mentor - .5 sd_mentor - mu, 0, 1.5). */
double mentor_factor(const mentor *m, double mu);
/**
 * Where mentors are scarce people are planned for in descending order of this, then by id: sum of
 * weight * max(0, target - mu) over the role.
 */
double mentor_need(const choose_competency *competencies, uint32_t count);

#endif
