/* Keys, the cursor with its ring of tags, heads, tenants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/chain.h"
#include "common/keys.h"
#include "tests/common/store_fixture.h"

static px_txn *begin(void **state)
{
    return px_store_begin(((store_fixture *)*state)->store);
}

static void keys__read_back_and_sort_as_they_count(void **state)
{
    px_keybuf a = px_key_begin(20), b = px_key_begin(20);
    px_keyread read;

    (void)state;
    px_key_text(&a, "ab");
    px_key_u64(&a, 255);
    px_key_u8(&a, 7);
    px_key_raw(&a, fixture_text("rest"));
    px_key_text(&b, "ab");
    px_key_u64(&b, 256);
    assert_true(memcmp(a.bytes, b.bytes, b.size) < 0);
    read = px_keyread_begin(px_key_bytes(&a));
    assert_string_equal(px_keyread_text(&read), "ab");
    assert_int_equal(px_keyread_u64(&read), 255);
    assert_int_equal(px_keyread_u8(&read), 7);
    assert_true(fixture_bytes_equal(px_keyread_rest(&read), fixture_text("rest")));
}

static void text_in_a_key__never_runs_into_the_next_part(void **state)
{
    px_keybuf a = px_key_begin(20), b = px_key_begin(20);

    (void)state;
    px_key_text(&a, "ab");
    px_key_text(&a, "c");
    px_key_text(&b, "a");
    px_key_text(&b, "bc");
    assert_false(fixture_bytes_equal(px_key_bytes(&a), px_key_bytes(&b)));
}

static void tag__depends_on_bytes_and_server_time(void **state)
{
    uint8_t one[PX_DIGEST_SIZE], two[PX_DIGEST_SIZE];

    (void)state;
    px_chain_digest(fixture_text("one"), one);
    px_chain_digest(fixture_text("two"), two);
    assert_true(px_chain_tag(one, 5) == px_chain_tag(one, 5));
    assert_true(px_chain_tag(one, 5) != px_chain_tag(one, 6));
    assert_true(px_chain_tag(one, 5) != px_chain_tag(two, 5));
}

static void ring__holds_the_last_4096_tags(void **state)
{
    px_txn *txn = begin(state);

    assert_true(px_chain_has(txn, 0, 0));
    assert_false(px_chain_has(txn, 0, 1));
    for (uint64_t seq = 1; seq <= PX_RING_SIZE + 10; seq++)
        px_chain_step(txn, (px_cursor){ seq, seq * 3, (int64_t)seq });
    assert_false(px_chain_has(txn, 10, 30));
    assert_true(px_chain_has(txn, 11, 33));
    assert_false(px_chain_has(txn, 11, 34));
    assert_true(px_chain_has(txn, PX_RING_SIZE + 10, 3 * (PX_RING_SIZE + 10)));
    assert_false(px_chain_has(txn, PX_RING_SIZE + 11, 3 * (PX_RING_SIZE + 11)));
    assert_int_equal(px_chain_cursor(txn).seq, PX_RING_SIZE + 10);
    px_txn_abort(txn);
}

static void heads_and_positions__read_back(void **state)
{
    px_txn *txn = begin(state);
    px_head head = { .number = 7, .last_seq = 9, .decided_at_us = -1, .code_version = 3 };

    assert_int_equal(px_chain_head(txn, "a").number, 0);
    memset(head.digest, 0x5a, sizeof head.digest);
    px_chain_set_head(txn, "a", &head);
    px_chain_set_inbox(txn, (px_inbox_through){ 4, 5 });
    px_chain_set_event_time(txn, 6);
    assert_int_equal(px_chain_head(txn, "b").number, 0);
    head = px_chain_head(txn, "a");
    assert_int_equal(head.number, 7);
    assert_int_equal(head.last_seq, 9);
    assert_int_equal(head.decided_at_us, -1);
    assert_int_equal(head.code_version, 3);
    assert_int_equal(head.digest[31], 0x5a);
    assert_int_equal(px_chain_inbox(txn).seq, 4);
    assert_int_equal(px_chain_inbox(txn).time_ns, 5);
    assert_int_equal(px_chain_event_time(txn), 6);
    px_txn_abort(txn);
}

static void tenants__are_listed_in_order_once(void **state)
{
    px_txn *txn = begin(state);
    char name[PX_TENANT_SIZE];

    px_chain_note_tenant(txn, "beta");
    px_chain_note_tenant(txn, "acme");
    px_chain_note_tenant(txn, "acme");
    assert_true(px_chain_next_tenant(txn, "", name));
    assert_string_equal(name, "acme");
    assert_true(px_chain_next_tenant(txn, "acme\x01", name));
    assert_string_equal(name, "beta");
    assert_false(px_chain_next_tenant(txn, "beta\x01", name));
    px_txn_abort(txn);
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, store_fixture_setup, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys__read_back_and_sort_as_they_count),
        cmocka_unit_test(text_in_a_key__never_runs_into_the_next_part),
        cmocka_unit_test(tag__depends_on_bytes_and_server_time),
        TEST(ring__holds_the_last_4096_tags),
        TEST(heads_and_positions__read_back),
        TEST(tenants__are_listed_in_order_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
