/* main.c: the daemon praxis-reporting. */
#include "common/daemon.h"
#include "services/reporting/service.h"

enum { HEALTH_PORT = 9475 };

int main(int argc, char **argv)
{
    return px_daemon_main(argc, argv, &px_reporting_service, HEALTH_PORT);
}
