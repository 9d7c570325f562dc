-- purpose: a broken rule in a run: counts and lines, never values
-- grain: one row
-- inputs: none
-- outputs: sync.findings
-- parameters: %(run_id)s, %(file)s, %(rule)s, %(severity)s, %(column)s, %(count)s, %(lines)s, %(message)s
insert into sync.findings
(run_id, file, rule, severity, column_name, record_count, first_lines, message)
values (
    %(run_id)s, %(file)s, %(rule)s, %(severity)s, %(column)s, %(count)s, %(lines)s, %(message)s
)
