-- purpose: text for a migration: columns that the contract has and the warehouse does not have yet
-- grain: column
-- inputs: <table>, <log>, <history>
-- outputs: <table> and <log> with the columns; the history view is gone and is made anew after this
-- parameters: entity, added (the columns)
drop view {{ entity.history_view }};
{% for table in (entity.table, entity.log_table) %}
alter table {{ table }}
{% for c in added %}
add column {{ c.name | quote }} {{ c.warehouse_type }}{{ ',' if not loop.last else ';' }}
{% endfor %}
{% endfor %}
