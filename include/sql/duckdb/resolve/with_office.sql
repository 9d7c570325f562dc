-- purpose: the schools of a relation and the district office, which schools.csv does not have
-- grain: school_id, as in the relation
-- inputs: <schools>
-- outputs: <table> (school_id)
-- parameters: table, schools, $office (the district office's school_ids)
create or replace table {{ table | quote }} as
select school_id from {{ schools | quote }}
union all
select unnest($office::varchar[])
