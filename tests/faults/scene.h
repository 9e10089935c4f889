/* scene.h: what most tests here are made of: a world, a load, and somebody who drives it.
 *
 * Settings, all from the environment. PRAXIS_SEED repeats a run: a failing test prints it (the
 * moments of kills depend on the machine too, so repeat a few times). PRAXIS_FAULT_SUBMISSIONS,
 * PRAXIS_FAULT_KILLS and PRAXIS_FAULT_ROUNDS make the long form of test_kill and test_twins, such
 * as PRAXIS_FAULT_ROUNDS=50 PRAXIS_FAULT_KILLS=100 PRAXIS_BIN=build build/tests/faults/test_kill
 */
#ifndef PRAXIS_TESTS_FAULTS_SCENE_H
#define PRAXIS_TESTS_FAULTS_SCENE_H

#include "tests/faults/drive.h"
#include "tests/faults/oracle.h"

typedef struct {
    uint64_t seed;
    world *world;
    load *load;
    drive drive;
    int64_t began_ms;
} scene;

/** For cmocka. */
int scene_setup(void **ctx);
int scene_teardown(void **ctx);

/** How many submissions: PRAXIS_FAULT_SUBMISSIONS, or this. */
size_t scene_submissions(size_t usual);
/** Starts a world for the load (which now belongs to the scene) and waits until it is ready. */
void scene_begin(scene *s, const world_options *options, load *l, uint64_t seed);
/** Sends a few of the answered steps again; the answers must be equal. */
void scene_send_some_again(scene *s, unsigned count);
/** Waits for quiet and asks the oracle about log, feed and projections. The daemons are ended. */
oracle_report scene_judge(scene *s);
/** Ends the world; the load stays. */
void scene_clear(scene *s);

#endif
