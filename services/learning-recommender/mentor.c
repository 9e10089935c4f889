/* mentor.c: half a standard deviation is taken off, so that nobody mentors on one kind rating. */
#include "services/learning-recommender/mentor.h"

#include <string.h>

static const double TIE = 1e-12;

static double surely(const mentor *m)
{
    return m->mu - 0.5 * m->sd;
}

static bool precedes(const mentor *a, const mentor *b)
{
    double lead = surely(a) - surely(b);

    return lead > TIE || (lead >= -TIE && strcmp(a->id, b->id) < 0);
}

int mentor_find(const mentor *mentors, uint32_t count, const char *person_id)
{
    int best = MENTOR_NONE;

    for (uint32_t i = 0; i < count; i++)
        if (mentors[i].room > 0 && strcmp(mentors[i].id, person_id) != 0 &&
            (best == MENTOR_NONE || precedes(&mentors[i], &mentors[best])))
            best = (int)i;
    return best;
}

double mentor_factor(const mentor *m, double mu)
{
    double lead = surely(m) - mu;

    return lead < 0.0 ? 0.0 : lead > 1.5 ? 1.5 : lead;
}

double mentor_need(const choose_competency *competencies, uint32_t count)
{
    double need = 0.0;

    for (uint32_t i = 0; i < count; i++) {
        double u = competencies[i].target - competencies[i].mu;

        need += u > 0.0 ? competencies[i].weight * u : 0.0;
    }
    return need;
}
