-- purpose: notices are found in the order in which they are taken: a call looks at those it takes, not at all
-- grain: none
-- inputs: attendance.notices
-- outputs: index attendance.notices_to_take
-- parameters: none
drop index attendance.notices_to_take;
create index notices_to_take on attendance.notices (send_after, district_id, notice_id, student_id)
where state in ('pending', 'taken');
