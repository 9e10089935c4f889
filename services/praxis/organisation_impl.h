/* organisation_impl.h: inside organisation*.c. */
#ifndef PRAXIS_SERVICES_PRAXIS_ORGANISATION_IMPL_H
#define PRAXIS_SERVICES_PRAXIS_ORGANISATION_IMPL_H

#include "services/praxis/draw.h"
#include "services/praxis/organisation.h"

enum { ROLES_MAX = 96, UNITS_MAX = 64, ITEMS_MAX = 1024 };

struct px_organisation {
    uint64_t seed;
    size_t skill_count, role_count, unit_count, item_count;
    px_demo_skill skills[PX_DEMO_SKILLS_MAX]; /* by row of skills.csv */
    px_demo_role roles[ROLES_MAX];
    px_demo_unit units[UNITS_MAX]; /* top first */
    px_demo_item items[ITEMS_MAX]; /* by row of catalogue.csv */
    const px_demo_role *role_of[PX_DEMO_PEOPLE + 1];
    double learned[PX_DEMO_PEOPLE + 1][PX_DEMO_SKILLS_MAX];
};

#endif
