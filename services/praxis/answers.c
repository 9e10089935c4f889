#include "services/praxis/answers.h"

#include <inttypes.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/competency/v1/query.pb-c.h"
#include "praxis/learning_recommender/v1/query.pb-c.h"
#include "praxis/reporting/v1/query.pb-c.h"
#include "services/praxis/plan_words.h"

/* Characters, not bytes, so that columns stand in line; cut with an ellipsis. */
static void print_cell(FILE *out, const char *text, int width)
{
    int shown = 0;
    int characters = 0;

    for (const char *at = text; *at; at++)
        characters += ((unsigned char)*at & 0xC0) != 0x80;
    for (const char *at = text; *at; at++) {
        bool begins = ((unsigned char)*at & 0xC0) != 0x80;
        if (begins && characters > width && shown == width - 1) {
            fputs("…", out);
            shown++;
            break;
        }
        shown += begins;
        fputc(*at, out);
    }
    for (; shown < width; shown++)
        fputc(' ', out);
}

/* --- profile --- */

static const char *standing(const Competency__ProfileItem *item)
{
    if (!item->estimate)
        return "not assessed";
    if (item->gap_open)
        return "GAP";
    return item->target > 0 ? "at level" : "beside the role";
}

static void print_profile(FILE *out, const ProtobufCMessage *answer)
{
    const Competency__Profile *profile = (const Competency__Profile *)answer;

    fprintf(out, "%s in the role of %s, as of log sequence %" PRIu64 "\n\n", profile->person_id,
            *profile->role_title ? profile->role_title : "(no role)", profile->as_of_seq);
    print_cell(out, "competency", 38);
    fputs("  level   90 % range   target  below   ratings  standing\n", out);
    for (size_t i = 0; i < profile->n_items; i++) {
        const Competency__ProfileItem *item = profile->items[i];
        const Competency__Estimate *e = item->estimate;
        print_cell(out, *item->title ? item->title : item->competency_id, 38);
        if (e)
            fprintf(out, "   %3.1f    %3.1f to %3.1f  ", e->level, e->low, e->high);
        else
            fputs("     -         -       ", out);
        if (item->target > 0)
            fprintf(out, "  %4.1f", item->target);
        else
            fputs("     -", out);
        if (e && item->target > 0)
            fprintf(out, "   %3.0f %%", item->probability * 100);
        else
            fputs("       -", out);
        fprintf(out, "  %7u  %s%s\n",
                e ? e->self_ratings + e->manager_ratings + e->peer_ratings + e->report_ratings : 0,
                standing(item), e && e->more_evidence_needed ? " (more ratings needed)" : "");
    }
}

/* --- plan --- */

static void print_day(FILE *out, const void *timestamp)
{
    char bytes[256];
    px_arena arena = { .base = (unsigned char *)bytes, .size = sizeof bytes };
    const char *text = timestamp ? px_codec_rfc3339(px_codec_time_us(timestamp), &arena) : NULL;

    fprintf(out, "%-10.10s", text ? text : "-");
}

static void print_plan(FILE *out, const ProtobufCMessage *answer)
{
    const LearningRecommender__Plan *plan = (const LearningRecommender__Plan *)answer;

    fprintf(out, "plan %s of %s, wording %u, %.1f hours, as of log sequence %" PRIu64 "%s\n\n",
            plan->plan_id, plan->person_id, plan->revision, plan->hours, plan->as_of_seq,
            plan->ended ? " (ended)" : "");
    print_cell(out, "issue", 30);
    fputs(" level target  ", out);
    print_cell(out, "learning", 36);
    fputs("hours   gain  follow-up   state\n", out);
    for (size_t i = 0; i < plan->n_items; i++) {
        const LearningRecommender__PlanItem *item = plan->items[i];
        if (!item->issue || !item->learning)
            continue;
        print_cell(out, *item->issue->title ? item->issue->title : item->issue->competency_id, 30);
        if (item->issue->target > 0)
            fprintf(out, "   %3.1f    %3.1f  ", item->issue->level, item->issue->target);
        else /* somebody wants it in the plan; nothing is short */
            fputs("     -      -  ", out);
        print_cell(out, item->learning->title, 36);
        fprintf(out, "%5.1f  +%4.2f  ", item->learning->hours, item->learning->gain);
        print_day(out, item->follow_up ? item->follow_up->due_at : NULL);
        fprintf(out, "  %s\n", px_words_item_state(item->state));
    }
}

/* --- heat map --- */

static void print_bar(FILE *out, double share)
{
    int full = (int)(share * 10 + 0.5);

    for (int i = 0; i < 10; i++)
        fputs(i < full ? "█" : "·", out);
}

static void print_heat_map(FILE *out, const ProtobufCMessage *answer)
{
    const Reporting__HeatMap *map = (const Reporting__HeatMap *)answer;

    fprintf(out, "%s (%s), as of log sequence %" PRIu64 "\n\n",
            *map->label ? map->label : map->unit_id, map->unit_id, map->as_of_seq);
    print_cell(out, "competency", 38);
    fputs("  people  assessed  at level               mean gap\n", out);
    for (size_t i = 0; i < map->n_cells; i++) {
        const Reporting__HeatMapCell *cell = map->cells[i];
        if (cell->content_case != REPORTING__HEAT_MAP_CELL__CONTENT_FIGURES)
            continue;
        const Reporting__CompetencyFigures *f = cell->figures;
        double share = f->assessed > 0 ? (double)f->at_level / f->assessed : 0;
        print_cell(out, *cell->competency_title ? cell->competency_title : cell->competency_id, 38);
        fprintf(out, "  %6u  %8u  %4u  %3.0f %%  ", f->people, f->assessed, f->at_level,
                share * 100);
        print_bar(out, share);
        fprintf(out, "  %4.2f\n", f->mean_gap);
    }
    fprintf(out, "\n%u more withheld: fewer than %u people assessed.\n", map->withheld_cells,
            map->minimum);
}

static const px_answer_table tables[] = {
    { "competency", "GetProfile", &competency__profile__descriptor, print_profile },
    { "learning-recommender", "GetPlan", &learning_recommender__plan__descriptor, print_plan },
    { "reporting", "GetHeatMap", &reporting__heat_map__descriptor, print_heat_map },
};

const px_answer_table *px_answer_table_of(const char *service, const char *question)
{
    for (size_t i = 0; i < PX_COUNT(tables); i++)
        if (strcmp(tables[i].service, service) == 0 && strcmp(tables[i].question, question) == 0)
            return &tables[i];
    return NULL;
}
