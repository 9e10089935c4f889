/* demo_load.h: the real part of the demo's data: framework and catalogue, through the import's
 * mappings. */
#ifndef PRAXIS_SERVICES_PRAXIS_DEMO_LOAD_H
#define PRAXIS_SERVICES_PRAXIS_DEMO_LOAD_H

#include "services/praxis/demo_link.h"
#include "services/praxis/organisation.h"

/**
 * Imports the four tables and prints what was accepted and what was refused, by name.
 * @return false after a line on stderr
 */
bool px_demo_load(px_demo_link *link, const px_organisation *organisation, const char *data_dir);

#endif
