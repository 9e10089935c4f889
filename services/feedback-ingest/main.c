/* main.c: the daemon praxis-feedback-ingest. */
#include "common/daemon.h"
#include "services/feedback-ingest/service.h"

enum { HEALTH_PORT = 9471 };

int main(int argc, char **argv)
{
    return px_daemon_main(argc, argv, &px_feedback_ingest_service, HEALTH_PORT);
}
