-- purpose: text for a migration: current table and change log of an entity that the warehouse does not have
-- grain: <table>: key; <log>: slot x key
-- inputs: none
-- outputs: <table>, <log>
-- parameters: entity
{# a row that a restore brought back is in no file of its slot #}
create table {{ entity.table }} (
    district_id text collate "C" not null,
    {% for c in entity.columns %}
    {% set collation = ' collate "C"' if c.warehouse_type == 'text' else '' %}
    {{ c.name | quote }} {{ c.warehouse_type }}{{ collation ~ ' not null' if c.name in entity.key }},
    {% endfor %}
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    _first_slot {{ entity.slot_type }} not null,
    _changed_slot {{ entity.slot_type }} not null,
    primary key (district_id, {{ entity.key | columns }})
);
create table {{ entity.log_table }} (
    district_id text collate "C" not null,
    slot {{ entity.slot_type }} not null,
    op "char" not null check (op in ('I', 'U', 'D')),
    {% for c in entity.columns %}
    {% set collation = ' collate "C"' if c.warehouse_type == 'text' else '' %}
    {{ c.name | quote }} {{ c.warehouse_type }}{{ collation ~ ' not null' if c.name in entity.key }},
    {% endfor %}
    _run_id uuid not null,
    _file_sha256 text,
    _line bigint,
    primary key (district_id, slot, {{ entity.key | columns }})
);
grant select, insert, update, delete on {{ entity.table }}, {{ entity.log_table }} to rostersync_loader;
grant select on {{ entity.table }}, {{ entity.log_table }} to rostersync_reader, rostersync_operator;
comment on table {{ entity.table }} is
    'One row per {{ entity.key | map('replace', '_id', '') | join(' and ') }}, as of the newest slot.';
comment on table {{ entity.log_table }} is
    'One row per slot and row of {{ entity.table }} that it added (op I), changed (U) or removed (D).';
