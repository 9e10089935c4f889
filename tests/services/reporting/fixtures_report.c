/* fixtures_report.c: report values as they stand in the bucket, and what the state holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/outbound.h"
#include "common/people.h"
#include "services/reporting/service.h"
#include "tests/services/reporting/fixtures.h"

static const char *subject_of(spec *s, const char *key)
{
    return px_arena_printf(spec_arena(s), "%s%s.%s", px_reports_subject, SPEC_TENANT, key);
}

const void *report_of(spec *s, const char *key, const ProtobufCMessageDescriptor *type)
{
    px_bus_msg *msg;
    px_status status = px_bus_get_last(spec_bus(s), px_reports_stream, subject_of(s, key), &msg);

    if (status == PX_ENOTFOUND)
        return NULL;
    assert_int_equal(status, PX_OK);
    const void *value = px_codec_unpack(type, msg->data, spec_arena(s));
    px_bus_msg_free(msg);
    assert_non_null(value);
    return value;
}

static const Reporting__HeatMapCell *cell_of(spec *s, const char *unit_id,
                                             const char *competency_id)
{
    const char *key = px_arena_printf(spec_arena(s), "heatmap.%s.%s", unit_id, competency_id);
    const Reporting__HeatMapCell *cell = report_of(s, key, &reporting__heat_map_cell__descriptor);

    assert_non_null(cell);
    assert_string_equal(cell->unit_id, unit_id);
    assert_string_equal(cell->competency_id, competency_id);
    return cell;
}

void then_figures(spec *s, const char *unit_id, const char *competency_id, uint32_t people,
                  uint32_t assessed, uint32_t at_level, double mean_gap)
{
    const Reporting__HeatMapCell *cell = cell_of(s, unit_id, competency_id);

    assert_int_equal(cell->content_case, REPORTING__HEAT_MAP_CELL__CONTENT_FIGURES);
    assert_int_equal(cell->figures->people, people);
    assert_int_equal(cell->figures->assessed, assessed);
    assert_int_equal(cell->figures->at_level, at_level);
    assert_near(cell->figures->mean_gap, mean_gap);
}

void then_withheld(spec *s, const char *unit_id, const char *competency_id, uint32_t minimum)
{
    const Reporting__HeatMapCell *cell = cell_of(s, unit_id, competency_id);

    assert_int_equal(cell->content_case, REPORTING__HEAT_MAP_CELL__CONTENT_WITHHELD_BELOW);
    assert_int_equal(cell->withheld_below, minimum);
}

const Reporting__CycleProgress *progress_of(spec *s, const char *cycle_id)
{
    const char *key = px_arena_printf(spec_arena(s), "cycle.%s", cycle_id);
    const Reporting__CycleProgress *progress =
        report_of(s, key, &reporting__cycle_progress__descriptor);

    assert_non_null(progress);
    assert_string_equal(progress->cycle_id, cycle_id);
    return progress;
}

const Reporting__PlanCounts *plans_of(spec *s, const char *unit_id)
{
    const char *key = px_arena_printf(spec_arena(s), "plans.%s", unit_id);
    const Reporting__PlanFigures *plans = report_of(s, key, &reporting__plan_figures__descriptor);

    assert_non_null(plans);
    assert_string_equal(plans->unit_id, unit_id);
    assert_int_equal(plans->content_case, REPORTING__PLAN_FIGURES__CONTENT_COUNTS);
    return plans->counts;
}

const ProtobufCMessage *rendered(spec *s, const char *key)
{
    return px_reporting_service.report(spec_state(s), SPEC_TENANT, key, spec_arena(s));
}

static px_bytes packed_but_for_as_of(spec *s, const ProtobufCMessage *message)
{
    const ProtobufCFieldDescriptor *as_of =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "as_of_seq");
    uint64_t *seq = (uint64_t *)(void *)((char *)(uintptr_t)message + as_of->offset);
    uint64_t before = *seq;

    *seq = 0;
    px_bytes bytes = px_codec_pack(message, spec_arena(s));
    *seq = before;
    assert_non_null(bytes.data);
    return bytes;
}

static void check_current(spec *s, const char *key)
{
    const ProtobufCMessage *now = rendered(s, key);

    assert_non_null(now);
    const ProtobufCMessage *stored = report_of(s, key, now->descriptor);
    px_bytes a = packed_but_for_as_of(s, stored), b = packed_but_for_as_of(s, now);

    if (a.size != b.size || memcmp(a.data, b.data, a.size) != 0)
        fail_msg("%s: %s is stored, %s is true", key,
                 px_codec_to_json(stored, false, spec_arena(s)),
                 px_codec_to_json(now, false, spec_arena(s)));
}

uint64_t report_writes(spec *s)
{
    px_stream_info info;

    assert_int_equal(px_bus_stream_info(spec_bus(s), px_reports_stream, &info), PX_OK);
    return info.last_seq;
}

void then_bucket_is_current(spec *s)
{
    const char *prefix = subject_of(s, "");
    uint64_t writes = report_writes(s);

    assert_true(writes > 0);
    for (uint64_t seq = 1; seq <= writes; seq++) {
        px_bus_msg *msg;
        px_status status = px_bus_get(spec_bus(s), px_reports_stream, seq, &msg);

        if (status == PX_ENOTFOUND)
            continue; /* replaced by a later one */
        assert_int_equal(status, PX_OK);
        assert_memory_equal(msg->subject, prefix, strlen(prefix));
        check_current(s, msg->subject + strlen(prefix));
        px_bus_msg_free(msg);
    }
}

const Reporting__HeatMap *heat_map_of(spec *s, const char *unit_id, bool with_units_below)
{
    Reporting__GetHeatMap question = REPORTING__GET_HEAT_MAP__INIT;

    question.unit_id = px_arena_strdup(spec_arena(s), unit_id);
    question.with_units_below = with_units_below;
    return then_answer(s, "GetHeatMap", &question);
}

size_t records_that_say(const px_view *state, const char *value)
{
    px_bytes key, bytes;
    size_t records = 0;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, (px_bytes){ NULL, 0 });
    while (px_scan_next(&scan, &key, &bytes)) {
        if (*(const unsigned char *)key.data <= PX_PEOPLE_TABLE)
            continue; /* the engine's own, and the tombstones */
        if (memmem(key.data, key.size, value, strlen(value)) ||
            memmem(bytes.data, bytes.size, value, strlen(value)))
            records++;
    }
    px_scan_end(&scan);
    return records;
}
