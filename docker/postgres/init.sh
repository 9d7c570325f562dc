#!/bin/sh
# Two databases, each with an owner of its own; passwords come from files.
set -eu
for name in airflow rostersync; do
  password=$(cat "${SECRETS:-/run/secrets}/${name}_db_password")
  psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -v name="$name" -v password="$password" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name";
SQL
done
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -c 'alter role rostersync createrole'
