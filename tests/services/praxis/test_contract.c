/* The contract by the names that people use. */
#include "services/praxis/contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/praxis/layout.h"

static void questions__of_each_service_are_its_own(void **state)
{
    px_arena arena;

    (void)state;
    assert_true(px_arena_init(&arena, 1 << 16));
    assert_string_equal(px_contract_questions("review-cycle", &arena),
                        "GetCycle, GetPersonScore, GetReview");
    assert_string_equal(px_contract_questions("nobody", &arena), "");
    px_arena_fini(&arena);
}

static void services__are_the_daemons(void **state)
{
    const char *at = px_contract_services();

    (void)state;
    for (size_t i = 0; i < PX_DAEMONS; i++) {
        size_t size = strlen(px_daemon_names[i]);

        assert_memory_equal(at, px_daemon_names[i], size);
        at += size + (i + 1 < PX_DAEMONS ? 2 : 0);
    }
    assert_string_equal(at, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions__of_each_service_are_its_own),
        cmocka_unit_test(services__are_the_daemons),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
