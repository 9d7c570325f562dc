#!/bin/sh
# Three databases (or those in DATABASES), each with an owner of its own; psql reads the passwords, so that they are in no list of
# processes. Celery's results have their own: workers write them, and may not reach Airflow's.
set -eu
databases=${DATABASES:-airflow celery rostersync}
for name in $databases; do
  export password_file="${SECRETS:-/run/secrets}/${name}_db_password"
  psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -v name="$name" <<'SQL'
\set password `cat "$password_file"`
create role :"name" login password :'password';
create database :"name" owner :"name";
SQL
done
case " $databases " in *" rostersync "*) psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -c 'alter role rostersync createrole' ;; esac
