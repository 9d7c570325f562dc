-- purpose: why one row was carried in a slot
-- grain: one row, none when it was not carried
-- inputs: carried (an entity's, of the slot)
-- outputs: returned row (reason)
-- parameters: entity, $key (the key's values as text, in key order)
select _reason
from carried
where
    {% for k in entity.key %}
    {{ 'and' if not loop.first else '' }} {{ k | quote }}::varchar = $key[{{ loop.index }}]
    {% endfor %}
