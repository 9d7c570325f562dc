-- purpose: the synthetic district's arithmetic. A district is a fixed number of positions (seats for students,
--   posts for staff, slots for sections); night by night some positions turn over (someone leaves, someone new
--   comes) and some change. Everything is a function of position, seed and night, so any night can be made
--   alone, nothing is kept in memory, and references are right by construction.
-- grain: macros
-- inputs: the session's variables seed, night, students, schools, staff, sections, students_churned,
--   staff_churned, sections_churned
-- outputs: macros gen_*
-- parameters: none

-- A permutation of 0 .. n-1 of its own for each night and salt (1000000007 is prime and above every n).
create or replace macro gen_place(spot, n, night, salt) as
    (spot * 1000000007 + getvariable('seed') * 7919 + night * 104729 + salt * 31) % n;

-- On how many nights so far the position's place fell in [low, high).
create or replace macro gen_times(spot, n, salt, low, high) as
    coalesce(list_sum(list_transform(
        range(2, getvariable('night') + 1),
        lambda night: (gen_place(spot, n, night, salt) >= low
                       and gen_place(spot, n, night, salt) < high)::int
    )), 0)::bigint;

create or replace macro gen_one_of(words, key) as
    words[1 + (hash(key, getvariable('seed')) % len(words))::int];

create or replace macro gen_percent(key, salt) as (hash(key, salt, getvariable('seed')) % 100)::int;

create or replace macro gen_first_name(key) as gen_one_of([
    'Acacia', 'Alder', 'Ash', 'Aspen', 'Aster', 'Basil', 'Birch', 'Bracken', 'Briar', 'Bryony', 'Cedar',
    'Clover', 'Cypress', 'Dahlia', 'Daisy', 'Elder', 'Elm', 'Fern', 'Forsythia', 'Gorse', 'Hazel',
    'Heather', 'Hickory', 'Holly', 'Hyacinth', 'Iris', 'Ivy', 'Jasmine', 'Juniper', 'Larch', 'Laurel',
    'Lavender', 'Lilac', 'Linden', 'Lotus', 'Magnolia', 'Mallow', 'Maple', 'Marigold', 'Mimosa', 'Myrtle',
    'Nettle', 'Oleander', 'Olive', 'Palm', 'Peony', 'Pine', 'Poppy', 'Primrose', 'Reed', 'Rowan', 'Rue',
    'Saffron', 'Sage', 'Sorrel', 'Spruce', 'Tansy', 'Teasel', 'Thyme', 'Tulip', 'Verbena', 'Willow',
    'Yarrow', 'Yew'
], key);

create or replace macro gen_last_name(key) as gen_one_of([
    'Bay', 'Bluff', 'Brook', 'Butte', 'Canyon', 'Cape', 'Cliff', 'Coast', 'Cove', 'Creek', 'Dale', 'Delta',
    'Dune', 'Fen', 'Field', 'Fjord', 'Ford', 'Glen', 'Grove', 'Harbor', 'Heath', 'Hill', 'Island', 'Knoll',
    'Lagoon', 'Lake', 'Marsh', 'Meadow', 'Mesa', 'Moor', 'Peak', 'Plain', 'Pond', 'Prairie', 'Reef',
    'Ridge', 'River', 'Shore', 'Spring', 'Summit', 'Tundra', 'Vale', 'Valley', 'Peña', 'Cañón', 'Forêt',
    'Gebüsch', 'Fjäll', 'O''Brae', 'D''Eau', 'de la Costa', 'van der Duin'
], key);

-- 555-01xx is kept for fiction; the area code makes 80,000 different numbers of it.
create or replace macro gen_phone(number) as case (number % 4)::int
    when 0 then printf('(%d) 555-01%02d', 200 + number // 100 % 800, number % 100)
    when 1 then printf('%d-555-01%02d', 200 + number // 100 % 800, number % 100)
    when 2 then printf('+1 %d 555 01%02d', 200 + number // 100 % 800, number % 100)
    else printf('%d55501%02d', 200 + number // 100 % 800, number % 100)
end;

create or replace macro gen_school_id(school) as printf('%04d', school + 1);

create or replace macro gen_student_id(number) as printf('%07d', number + 1);

-- The number of whoever holds the post now.
create or replace macro gen_staff_number(post) as
    post + getvariable('staff')
        * gen_times(post, getvariable('staff'), 3, 0, getvariable('staff_churned'));

create or replace macro gen_staff_id(number) as printf('E%06d', number + 1);

-- The post that teaches a section: one of its school's, `shift` further for a second teacher.
create or replace macro gen_teacher(section, shift) as
    section % getvariable('schools') + getvariable('schools')
        * ((section // getvariable('schools') + shift) % (getvariable('staff') // getvariable('schools')));

create or replace macro gen_section_id(section) as printf(
    '%06d',
    1 + section + getvariable('sections')
        * gen_times(section, getvariable('sections'), 4, 0, getvariable('sections_churned'))
);

-- Who holds each student position now. `place` orders the positions of tonight: the first
-- `students_churned` turn over, as many change, and those after them are free for bad rows.
create or replace macro gen_students() as table
    select
        position,
        position % getvariable('schools') as school,
        position + getvariable('students') * gen_times(
            position, getvariable('students'), 1, 0, getvariable('students_churned')
        ) as number,
        gen_times(
            position, getvariable('students'), 1,
            getvariable('students_churned'), 2 * getvariable('students_churned')
        ) as version,
        gen_place(position, getvariable('students'), getvariable('night'), 1) as place
    from range(getvariable('students')) as positions (position);
