/* main.c: the daemon praxis-learning-recommender. */
#include "common/daemon.h"
#include "services/learning-recommender/service.h"

enum { HEALTH_PORT = 9474 };

int main(int argc, char **argv)
{
    return px_daemon_main(argc, argv, &px_learning_recommender_service, HEALTH_PORT);
}
