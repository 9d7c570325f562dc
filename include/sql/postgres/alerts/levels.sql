-- purpose: what a run found, by rule and as each file's quarantine, beside its median over the seven slots before
-- grain: file and rule; rule null: the file's quarantine
-- inputs: sync.slots, sync.runs, sync.files, sync.findings
-- outputs: returned rows (file, rule, severity, now, usual, seen: in how many of those slots, history: how many
-- they are, lines, message)
-- Only files that were read count, now and then: a carried file has not become better. What is known (waived
-- rules) counts neither by itself nor in the quarantine.
-- parameters: %(district)s, %(domain)s, %(slot)s, %(run_id)s, %(known)s: rules
with applied as (
    select s.slot, run.run_id
    from sync.slots as s
    inner join lateral (
        select r.run_id
        from sync.runs as r
        where
            r.district_id = s.district_id and r.domain = s.domain and r.slot = s.slot
            and r.landing = s.landing and r.outcome in ('loaded', 'identical')
        order by r.finished_at desc
        limit 1
    ) as run on true
    where s.district_id = %(district)s and s.domain = %(domain)s and s.slot < %(slot)s
),

nights as (
    select %(slot)s::text as slot, %(run_id)s::uuid as run_id
    union all
    select slot, run_id from applied
),

files as (
    select
        f.*,
        row_number() over (partition by f.file order by nights.slot desc) - 1 as ago,
        max(nights.slot) over (partition by f.file) = %(slot)s as is_read
    from nights
    inner join sync.files as f using (run_id)
    where f.state in ('accepted', 'identical')
),

read as (select * from files where is_read and ago <= 7),

found as (
    select
        read.file,
        read.ago,
        f.rule,
        max(f.severity) as severity,
        sum(f.record_count)::bigint as records,
        (array_agg(to_jsonb(f.first_lines) order by f.record_count desc))[1] as lines,
        (array_agg(f.message order by f.record_count desc))[1] as message
    from read
    inner join sync.findings as f on read.run_id = f.run_id and read.file = f.file
    where not f.rule = any(%(known)s::text[])
    group by read.file, read.ago, f.rule
),

known as (
    select f.run_id, f.file, sum(f.record_count)::bigint as records
    from sync.findings as f
    where f.rule = any(%(known)s::text[]) and f.severity = 'error'
    group by f.run_id, f.file
),

levels as (
    select read.file, rules.rule, read.ago, coalesce(found.records, 0) as records
    from read
    inner join (select distinct file, rule from found) as rules using (file)
    left join found using (file, rule, ago)
    union all
    select
        read.file,
        null as rule,
        read.ago,
        greatest(read.quarantined - coalesce(known.records, 0), 0) as records
    from read
    left join known on read.run_id = known.run_id and read.file = known.file
)

select
    levels.file,
    levels.rule,
    (
        select f.severity
        from found as f
        where f.file = levels.file and f.rule = levels.rule
        order by f.ago
        limit 1
    ) as severity,
    sum(levels.records) filter (where levels.ago = 0)::bigint as now,
    percentile_cont(0.5) within group (order by levels.records) filter (where levels.ago > 0) as usual,
    count(*) filter (where levels.ago > 0 and levels.records > 0) as seen,
    count(*) filter (where levels.ago > 0) as history,
    coalesce((array_agg(today.lines) filter (where today.lines is not null))[1], '[]'::jsonb) as lines,
    coalesce(max(today.message), '') as message
from levels
left join found as today
    on levels.file = today.file and levels.rule = today.rule and today.ago = 0
group by levels.file, levels.rule
order by levels.file, levels.rule nulls first
