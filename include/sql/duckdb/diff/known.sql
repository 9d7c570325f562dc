-- purpose: how many of the ids known before are in tonight's file at all, in quarantine or not
-- grain: one row
-- inputs: prev_<entity>, carried_<entity>, changes_<entity>, rows_<file>
-- outputs: returned row (ids known, those of them that no record has)
-- parameters: entity, id (the column)
-- An id that no record has is of rows that are removed or carried: only those are looked up.
with missing as (
    select {{ id | quote }} from {{ ('carried_' ~ entity.name) | quote }}
    union
    select {{ id | quote }} from {{ ('changes_' ~ entity.name) | quote }} where op = 'D'
)

select
    (select count(distinct {{ id | quote }}) from {{ ('prev_' ~ entity.name) | quote }}) as known,
    (
        select count(*)
        from missing as m
        anti join {{ ('rows_' ~ entity.file) | quote }} as r on m.{{ id | quote }} = r.{{ id | quote }}
    ) as absent
