-- purpose: holds the day's events that a file does not confirm (they are of an earlier file)
-- grain: key
-- inputs: none
-- outputs: carried_events (temporary, until the transaction ends)
-- parameters: none
create temporary table if not exists carried_events (
    school_id text collate "C" not null,
    student_id text collate "C" not null,
    period text collate "C" not null
) on commit drop
