-- purpose: keys kept because of a record that cannot be read, of one slot and of all later ones that were looked at
-- grain: key
-- inputs: carried (carried/<entity>.parquet of a diff), kept_keys (of the later slots)
-- outputs: kept_keys (key columns)
-- parameters: entity, is_newest (there are no later ones)
create or replace table kept_keys as
select {{ entity.key | columns('c') }}
from carried as c
{% if not is_newest %}
semi join kept_keys as k on {{ entity.key | pairs('c', 'k') }}
{% endif %}
where c._reason = 'frozen_unidentified'
