-- purpose: the record of migrations that ran
-- grain: migration
-- inputs: none
-- outputs: public.rostersync_migrations
-- parameters: none
create table if not exists rostersync_migrations (
    name text primary key,
    sha256 text not null,
    applied_at timestamptz not null default now()
)
