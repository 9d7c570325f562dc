-- purpose: the schools of tonight's schools.csv: nothing of any other school is removed
-- grain: school_id
-- inputs: rows_schools, or prev_schools
-- outputs: scope_schools (school_id)
-- parameters: has_records (of schools.csv), $gone (schools that count as tonight's although schools.csv lacks them)
create or replace table scope_schools as
select school_id from {{ 'rows_schools where readable' if has_records else 'prev_schools' }}
union
select unnest($gone::varchar[])
