/* main.c: the daemon praxis-competency. */
#include "common/daemon.h"
#include "services/competency/service.h"

enum { HEALTH_PORT = 9473 };

int main(int argc, char **argv)
{
    return px_daemon_main(argc, argv, &px_competency_service, HEALTH_PORT);
}
