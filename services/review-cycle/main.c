/* main.c: the daemon praxis-review-cycle. */
#include "common/daemon.h"
#include "services/review-cycle/service.h"

enum { HEALTH_PORT = 9472 };

int main(int argc, char **argv)
{
    return px_daemon_main(argc, argv, &px_review_cycle_service, HEALTH_PORT);
}
