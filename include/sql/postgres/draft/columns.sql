-- purpose: text for a migration: columns that came into the contract, and columns that have left it
-- grain: column
-- inputs: <table>, <log>, <history>
-- outputs: <table> and <log> with the new columns, <table> without those that left (<log> keeps them); views of the
--   log are gone and are made anew after this
-- parameters: entity, added, left (columns; may be none)
drop view {{ entity.history_view }};
{% if entity.log_view != entity.log_table %}
drop view if exists {{ entity.log_view }};
{% endif %}
{% for table in (entity.table, entity.log_table) if added %}
alter table {{ table }}
{% for c in added %}
add column {{ c.name | quote }} {{ c.warehouse_type }}{{ ',' if not loop.last else ';' }}
{% endfor %}
{% endfor %}
{% for c in left %}
alter table {{ entity.table }} drop column {{ c.name | quote }};
{% endfor %}
