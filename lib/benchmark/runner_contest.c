/*
 * Comparisons: pairs of one group while it runs, rows of the baseline when all is measured, and what all of them together may claim.
 *
 * Every comparison that can be made is known before anything is measured, so that each is decided at its share of the errors (Bonferroni) while it runs;
 * Holm's correction at the end can only make more of them decided.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "benchmark/runner_parts.h"

static bool is_pair(const wtfcb_benchmark_contest *contest, uint32_t group)
{
    return contest->method == WTFCB_COMPARISON_PAIRS && contest->group == group;
}

static bool add(wtfcb_benchmark_runner *runner, const wtfcb_benchmark_contest *contest)
{
    if (!wtfcb_base_reserve(&runner->options->allocator, (void **)&runner->contests, &runner->contest_capacity,
                            runner->contest_count + 1, sizeof *runner->contests))
        return false;
    runner->contests[runner->contest_count++] = *contest;
    return true;
}

static bool add_pairs(wtfcb_benchmark_runner *runner, uint32_t number)
{
    const wtfcb_benchmark_group *group = &runner->groups[number];
    for (uint32_t i = 0; i < group->pair_count; i++) {
        wtfcb_benchmark_contest contest = {.method = WTFCB_COMPARISON_PAIRS,
                                           .measure = WTFCB_REPORT_WALL,
                                           .group = number,
                                           .before = group->pairs[i].before,
                                           .after = group->pairs[i].after};
        if (!add(runner, &contest)) return false;
        contest.measure = WTFCB_REPORT_MEMORY;
        if (group->subjects[contest.before].isolate && group->subjects[contest.after].isolate && !add(runner, &contest))
            return false;
    }
    return true;
}

static bool add_baseline(wtfcb_benchmark_runner *runner, uint32_t number)
{
    const wtfcb_benchmark_group *group = &runner->groups[number];
    for (uint32_t i = 0; runner->baseline && i < group->subject_count; i++) {
        uint64_t row;
        if (wtfcb_report_find(runner->baseline, group->subjects[i].name, &row) != WTFCB_OK) continue;
        const wtfcb_benchmark_row *known = &runner->baseline->rows[row];
        wtfcb_benchmark_contest contest = {.method = WTFCB_COMPARISON_BASELINE,
                                           .measure = WTFCB_REPORT_WALL,
                                           .group = number,
                                           .before = (uint32_t)row,
                                           .after = i};
        if (known->samples[WTFCB_REPORT_WALL - 1] && !add(runner, &contest)) return false;
        contest.measure = WTFCB_REPORT_MEMORY;
        const bool isolated = (known->row.flags & WTFCB_ROW_ISOLATED) != 0 && group->subjects[i].isolate;
        if (isolated && known->samples[WTFCB_REPORT_MEMORY - 1] && !add(runner, &contest)) return false;
    }
    return true;
}

wtfcb_status wtfcb_benchmark_contests_make(wtfcb_benchmark_runner *runner)
{
    for (uint32_t i = 0; i < runner->group_count; i++)
        if (!add_pairs(runner, i) || !add_baseline(runner, i)) return WTFCB_ENOMEM;
    for (size_t i = 0; i < runner->contest_count; i++) {
        wtfcb_benchmark_rule rule = WTFCB_BENCHMARK_RULE_INIT;
        rule.minimum_effect = runner->options->least_effect;
        rule.level = runner->options->confidence;
        rule.rows = runner->contest_count;
        /* Whoever seems worse than a baseline is measured a second time, so each time may err more often. */
        if (runner->contests[i].method == WTFCB_COMPARISON_BASELINE) rule.alpha = 1 - runner->options->confidence;
        runner->contests[i].rule = rule;
    }
    return WTFCB_OK;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Pairs */

void wtfcb_benchmark_contests_start(wtfcb_benchmark_runner *runner, uint32_t group, size_t maximum)
{
    for (size_t i = 0; i < runner->contest_count; i++) {
        wtfcb_benchmark_contest *contest = &runner->contests[i];
        if (!is_pair(contest, group)) continue;
        contest->held = false;
        contest->verdict = WTFCB_BENCHMARK_INCONCLUSIVE;
        (void)wtfcb_benchmark_sequence_start(&contest->sequence, maximum);
        /* Exactly so many: there is one look, which has all of the errors to spend. */
        if (runner->options->runs) contest->sequence.next = maximum;
    }
}

bool wtfcb_benchmark_contests_due(const wtfcb_benchmark_runner *runner, uint32_t group, size_t count)
{
    for (size_t i = 0; i < runner->contest_count; i++)
        if (is_pair(&runner->contests[i], group) && runner->contests[i].sequence.next == count) return true;
    return false;
}

double wtfcb_benchmark_least_memory(double least_effect, const double *before, size_t count)
{
    double mean = 0;
    if (wtfcb_benchmark_mean(before, count, &mean) != WTFCB_OK || !isgreater(mean, 0)) return least_effect;
    return fmax(least_effect, WTFCB_BENCHMARK_LEAST_MEMORY / mean);
}

static wtfcb_status look(wtfcb_benchmark_runner *runner, wtfcb_benchmark_contest *contest,
                         const wtfcb_benchmark_series *series, bool last)
{
    const wtfcb_benchmark_series *before = &series[contest->before];
    const wtfcb_benchmark_series *after = &series[contest->after];
    if (contest->sequence.next == 0 || !wtfcb_benchmark_series_knows(before, contest->measure) ||
        !wtfcb_benchmark_series_knows(after, contest->measure))
        return WTFCB_OK;
    const size_t count = before->count;
    if (count != contest->sequence.next && !last) return WTFCB_OK;
    double *room = wtfcb_benchmark_scratch(runner, 2 * count + wtfcb_benchmark_look_scratch(count));
    if (!room) return WTFCB_ENOMEM;
    wtfcb_benchmark_series_values(before, contest->measure, room);
    wtfcb_benchmark_series_values(after, contest->measure, room + count);
    if (contest->measure == WTFCB_REPORT_MEMORY)
        contest->rule.minimum_effect = wtfcb_benchmark_least_memory(runner->options->least_effect, room, count);
    contest->held = wtfcb_benchmark_look(&contest->sequence, &contest->rule, room, room + count, count, last,
                                         room + 2 * count, &contest->figures, &contest->verdict) == WTFCB_OK;
    if (!contest->held)
        contest->sequence.next = 0; /* what cannot be compared, such as a memory of 0, is not reported */
    contest->count_before = contest->count_after = count;
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_contests_look(wtfcb_benchmark_runner *runner, uint32_t group,
                                           const wtfcb_benchmark_series *series, bool last, bool *ret_decided)
{
    *ret_decided = true;
    for (size_t i = 0; i < runner->contest_count; i++) {
        wtfcb_benchmark_contest *contest = &runner->contests[i];
        if (!is_pair(contest, group)) continue;
        wtfcb_status status = look(runner, contest, series, last);
        if (status != WTFCB_OK) return status;
        const bool possible = wtfcb_benchmark_series_knows(&series[contest->before], contest->measure) &&
                              wtfcb_benchmark_series_knows(&series[contest->after], contest->measure);
        const bool comparable = contest->held || contest->sequence.next != 0;
        if (possible && comparable && contest->verdict == WTFCB_BENCHMARK_INCONCLUSIVE) *ret_decided = false;
        if (!possible) contest->held = false;
    }
    return WTFCB_OK;
}

void wtfcb_benchmark_contests_drop(wtfcb_benchmark_runner *runner, uint32_t group)
{
    for (size_t i = 0; i < runner->contest_count; i++)
        if (is_pair(&runner->contests[i], group)) runner->contests[i].held = false;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* The baseline */

wtfcb_status wtfcb_benchmark_contests_baseline(wtfcb_benchmark_runner *runner, bool again)
{
    for (size_t i = 0; i < runner->contest_count; i++) {
        wtfcb_benchmark_contest *contest = &runner->contests[i];
        if (contest->method != WTFCB_COMPARISON_BASELINE || contest->again != again) continue;
        wtfcb_status status = wtfcb_benchmark_baseline_compare(runner, contest);
        if (status != WTFCB_OK) return status;
    }
    return WTFCB_OK;
}

bool wtfcb_benchmark_contests_suspects(wtfcb_benchmark_runner *runner)
{
    bool any = false;
    for (size_t i = 0; i < runner->contest_count; i++) {
        wtfcb_benchmark_contest *contest = &runner->contests[i];
        if (contest->method != WTFCB_COMPARISON_BASELINE || !contest->held) continue;
        contest->suspect = contest->again = contest->verdict == WTFCB_BENCHMARK_WORSE;
        any = any || contest->again;
    }
    /* Whatever else is said of a row that is measured again is said of its second samples. */
    for (size_t i = 0; any && i < runner->contest_count; i++)
        runner->contests[i].again =
            wtfcb_benchmark_contests_suspect(runner, runner->contests[i].group, runner->contests[i].after);
    return any;
}

bool wtfcb_benchmark_contests_suspect(const wtfcb_benchmark_runner *runner, uint32_t group, uint32_t subject)
{
    const bool whole = runner->groups[group].pair_count > 0;
    for (size_t i = 0; i < runner->contest_count; i++) {
        const wtfcb_benchmark_contest *contest = &runner->contests[i];
        if (contest->again && contest->group == group && (whole || contest->after == subject)) return true;
    }
    return false;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* All of them */

wtfcb_status wtfcb_benchmark_contests_judge(wtfcb_benchmark_runner *runner)
{
    size_t held = 0;
    double *p = wtfcb_benchmark_scratch(runner, 2 * runner->contest_count + 1);
    if (!p) return WTFCB_ENOMEM;
    _Static_assert(sizeof(size_t) <= sizeof(double), "the order fits into the scratch");
    for (size_t i = 0; i < runner->contest_count; i++)
        if (runner->contests[i].held) p[held++] = runner->contests[i].figures.p_sequence;
    if (held == 0) return WTFCB_OK;
    if (wtfcb_benchmark_holm(p, held, (size_t *)(void *)(p + held), p) != WTFCB_OK) return WTFCB_OK;
    held = 0;
    for (size_t i = 0; i < runner->contest_count; i++) {
        wtfcb_benchmark_contest *contest = &runner->contests[i];
        if (!contest->held) continue;
        contest->corrected = p[held++];
        contest->verdict = wtfcb_benchmark_verdict(&contest->rule, &contest->figures, contest->corrected);
    }
    return WTFCB_OK;
}

static uint32_t public_verdict(wtfcb_benchmark_verdict_code verdict)
{
    switch (verdict) {
    case WTFCB_BENCHMARK_BETTER: return WTFCB_VERDICT_BETTER;
    case WTFCB_BENCHMARK_SAME: return WTFCB_VERDICT_SAME;
    case WTFCB_BENCHMARK_WORSE: return WTFCB_VERDICT_WORSE;
    default: return WTFCB_VERDICT_INCONCLUSIVE;
    }
}

/* Names are those of rows, which are in the report already and in the baseline by the same name. */
static bool put(wtfcb_benchmark_runner *runner, const wtfcb_benchmark_contest *contest, wtfcb_report_comparison *row)
{
    const uint32_t first = runner->first_rows[contest->group];
    const bool baseline = contest->method == WTFCB_COMPARISON_BASELINE;
    row->after = runner->report->rows[first + contest->after].row.name;
    row->before = baseline ? row->after : runner->report->rows[first + contest->before].row.name;
    row->measure = contest->measure;
    row->method = contest->method;
    row->verdict = public_verdict(contest->verdict);
    row->again = contest->again;
    row->change = contest->figures.ratio - 1;
    row->low = contest->figures.low - 1;
    row->high = contest->figures.high - 1;
    row->p = contest->corrected;
    row->p_single = contest->figures.p_sequence;
    row->least_effect = contest->rule.minimum_effect;
    row->effect_size = contest->figures.superiority;
    row->count_before = contest->count_before;
    row->count_after = contest->count_after;
    return true;
}

/* Whether what was seen leaves room for a deterioration beyond the least effect. A row that has no time any more could be anything. */
static bool could_be_worse(const wtfcb_benchmark_contest *contest)
{
    if (!contest->held) return contest->measure == WTFCB_REPORT_WALL;
    if (contest->verdict == WTFCB_BENCHMARK_WORSE) return true;
    if (contest->verdict != WTFCB_BENCHMARK_INCONCLUSIVE) return false;
    return !contest->figures.sufficient || contest->figures.high >= 1 + contest->rule.minimum_effect;
}

static uint32_t outcome_of(const wtfcb_benchmark_runner *runner)
{
    bool any = false;
    bool unsure = runner->cancelled;
    if (!runner->baseline) return WTFCB_OUTCOME_NONE;
    for (size_t i = 0; i < runner->contest_count; i++) {
        const wtfcb_benchmark_contest *contest = &runner->contests[i];
        if (contest->method != WTFCB_COMPARISON_BASELINE) continue;
        /* Twice, that is: seen once and not again, or for the first time in the second samples, it is a doubt. */
        const bool worse = contest->held && contest->verdict == WTFCB_BENCHMARK_WORSE;
        if (worse && contest->suspect && !runner->cancelled) return WTFCB_OUTCOME_REGRESSION;
        any = any || contest->held;
        unsure = unsure || could_be_worse(contest);
    }
    return any && !unsure ? WTFCB_OUTCOME_PASS : WTFCB_OUTCOME_INCONCLUSIVE;
}

wtfcb_status wtfcb_benchmark_contests_report(wtfcb_benchmark_runner *runner)
{
    wtfcb_report *report = runner->report;
    uint32_t count = 0;
    wtfcb_report_comparison *rows = wtfcb_benchmark_report_rows(report, runner->contest_count, sizeof *rows);
    if (!rows) return WTFCB_ENOMEM;
    for (size_t i = 0; i < runner->contest_count; i++)
        if (runner->contests[i].held && put(runner, &runner->contests[i], &rows[count])) count++;
    report->comparisons = rows;
    report->summary.comparison_count = count;
    report->summary.outcome = outcome_of(runner);
    return WTFCB_OK;
}
