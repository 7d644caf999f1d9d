-- Makes `sessions` and `audit_events` partitioned tables, for ten million rows and more: docs/scaling.md says why and when.
-- Run it once, as the owner of the tables: psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f partitions.sql
-- Then, every week: select graphward_partitions.maintain();
-- No row moves: the table of today becomes the first partition. With another DATABASE_SCHEMA, replace the word graphward everywhere.

begin;
create schema graphward_partitions;
set local search_path = graphward_partitions;

-- A session's id is a UUID of version 7, which begins with the milliseconds of its creation: a range of ids is a range of time.
create function first_session_id(at timestamptz) returns uuid language sql stable as $$
  select rpad(lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;
create function month_after(at timestamptz) returns timestamptz language sql stable set timezone = 'UTC' as $$
  select date_trunc('month', at) + interval '1 month'
$$;

-- The bounds that the tables of today will have. Until then, new rows go there too.
create table first_partitions as select
  month_after(now()) as sessions_until,
  (select coalesce(max(id), 0) + 1000000 from graphward.audit_events) as events_until;
do $$ declare first record; begin
  select * into first from graphward_partitions.first_partitions;
  execute format('alter table graphward.sessions add constraint sessions_first check (id < %L) not valid',
    graphward_partitions.first_session_id(first.sessions_until));
  execute format('alter table graphward.audit_events add constraint audit_events_first check (id < %s) not valid',
    first.events_until);
end $$;
commit;

-- Reads both tables while they are used, so that PostgreSQL need not read them under the lock below.
alter table graphward.sessions validate constraint sessions_first;
alter table graphward.audit_events validate constraint audit_events_first;

begin;
-- Behind a lock that waits, every request waits too. If this fails, run the part from here on again.
set local lock_timeout = '2s';
lock table graphward.sessions, graphward.audit_events, graphward.proof_challenges, graphward.provider_logins
  in access exclusive mode;
set local search_path = graphward;

-- Triggers move to the partitioned tables: as a partition's own, they would notify only of what names the partition.
create temporary table moved_triggers on commit drop as
  select tgname as name, tgrelid::regclass::text as holder, pg_get_triggerdef(oid) as definition from pg_trigger
  where tgrelid in ('sessions'::regclass, 'audit_events'::regclass) and not tgisinternal;
do $$ declare moved record; begin
  for moved in select * from moved_triggers loop execute format('drop trigger %I on %s', moved.name, moved.holder); end loop;
end $$;

alter table sessions rename to sessions_before;
alter table sessions_before rename constraint sessions_pkey to sessions_before_pkey;
-- Other unique indexes are each partition's own: a partitioned table allows only those that contain the id. A digest of 256 random
-- bits needs no index to be unique, and two impersonations by one session at the same moment meet in one partition.
create table sessions (
  like sessions_before including defaults,
  constraint sessions_pkey primary key (id),
  constraint sessions_user_id_foreign foreign key (user_id) references users on delete cascade,
  constraint sessions_impersonation_check check (actor_session_id is null or cookie_digest is null)
) partition by range (id);
alter table proof_challenges drop constraint proof_challenges_session_id_foreign;
alter table provider_logins drop constraint provider_logins_session_id_foreign;
alter table sessions_before drop constraint sessions_actor_session_id_foreign;

alter table audit_events rename to audit_events_before;
alter table audit_events_before rename constraint audit_events_pkey to audit_events_before_pkey;
create table audit_events (
  like audit_events_before including defaults,
  constraint audit_events_pkey primary key (id)
) partition by range (id);
alter sequence audit_events_id_seq owned by audit_events.id;

do $$ declare first record; granted record; begin
  select * into first from graphward_partitions.first_partitions;
  execute format('alter table sessions attach partition sessions_before for values from (minvalue) to (%L)',
    graphward_partitions.first_session_id(first.sessions_until));
  execute format('alter table audit_events attach partition audit_events_before for values from (minvalue) to (%s)',
    first.events_until);
  -- The role of the servers may be another than the owner.
  for granted in
    select replace(relname, '_before', '') as name, privilege_type, grantee::regrole as role
    from pg_class, aclexplode(relacl) where oid in ('sessions_before'::regclass, 'audit_events_before'::regclass) and grantee <> 0
  loop
    execute format('grant %s on %I to %s', granted.privilege_type, granted.name, granted.role);
  end loop;
end $$;
alter table sessions_before drop constraint sessions_first;
alter table audit_events_before drop constraint audit_events_first;

alter table sessions add constraint sessions_actor_session_id_foreign
  foreign key (actor_session_id) references sessions on delete cascade;
alter table proof_challenges add constraint proof_challenges_session_id_foreign
  foreign key (session_id) references sessions on delete cascade;
alter table provider_logins add constraint provider_logins_session_id_foreign
  foreign key (session_id) references sessions on delete cascade;
do $$ declare moved record; begin
  for moved in select * from moved_triggers loop execute moved.definition; end loop;
end $$;

-- If nobody runs maintain(), rows go here, and nothing fails.
create table sessions_default (like sessions_before including all);
alter table sessions attach partition sessions_default default;
create table audit_events_default (like audit_events_before including all);
alter table audit_events attach partition audit_events_default default;
commit;

begin;
set local search_path = graphward_partitions;

-- Adds a partition to a table: one like the default partition, whose indexes it gets. Skips a range in which rows already are.
create function add_partition(parent text, name text, lower text, upper text) returns text language plpgsql
  set search_path = graphward as $$
declare is_used boolean; begin
  if to_regclass(name) is not null then return null; end if;
  execute format('lock table %I in access exclusive mode', parent || '_default');
  execute format('select exists(select from %I where id >= %L and id < %L)', parent || '_default', lower, upper) into is_used;
  if is_used then return null; end if;
  execute format('create table %I (like %I including all)', name, parent || '_default');
  execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, name, lower, upper);
  return 'added ' || name;
end $$;

-- Drops a partition of which no row is needed: pruning and the retention of the audit trail delete rows, and leave files.
create function drop_partition(parent text, name text, needed text) returns text language plpgsql
  set search_path = graphward as $$
declare is_needed boolean; begin
  -- Before it looks: the row of a transaction that is still open would be dropped.
  execute format('lock table %I in access exclusive mode', name);
  execute format('select exists(select from %I where %s)', name, needed) into is_needed;
  if is_needed then return null; end if;
  execute format('alter table %I detach partition %I', parent, name);
  execute format('drop table %I', name);
  return 'dropped ' || name;
end $$;

-- Returns what it did. Safe to run at any time, and twice. Fails when others hold a lock for two seconds: run it again.
create function maintain() returns setof text language plpgsql
  set search_path = graphward set lock_timeout = '2s' set timezone = 'UTC' as $$
declare
  first record; month timestamptz; step bigint; name text; done text;
  events_each constant bigint := 10000000;
  last_event bigint := (select last_value from audit_events_id_seq);
begin
  select * into first from graphward_partitions.first_partitions;
  for month in select generate_series(
    greatest(first.sessions_until, date_trunc('month', now())), now() + interval '2 months', '1 month')
  loop
    done := graphward_partitions.add_partition('sessions', 'sessions_' || to_char(month, 'YYYY_MM'),
      graphward_partitions.first_session_id(month)::text,
      graphward_partitions.first_session_id(graphward_partitions.month_after(month))::text);
    if done is not null then return next done; end if;
  end loop;
  -- That of the next event, and one more.
  for step in select greatest(0, (last_event - first.events_until) / events_each) + generate_series(0, 1) loop
    done := graphward_partitions.add_partition('audit_events', 'audit_events_' || step,
      (first.events_until + step * events_each)::text, (first.events_until + (step + 1) * events_each)::text);
    if done is not null then return next done; end if;
  end loop;
  -- Those that no new row comes to.
  for name in select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'sessions'::regclass and case relname when 'sessions_default' then false
      when 'sessions_before' then first.sessions_until <= now()
      else to_timestamp(right(relname, 7), 'YYYY_MM') < date_trunc('month', now()) end
  loop
    done := graphward_partitions.drop_partition('sessions', name, 'absolute_expires_at > now()');
    if done is not null then return next done; end if;
  end loop;
  for name in select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'audit_events'::regclass and case relname when 'audit_events_default' then false
      when 'audit_events_before' then first.events_until <= last_event
      else substr(relname, 14)::bigint < (last_event - first.events_until) / events_each end
  loop
    done := graphward_partitions.drop_partition('audit_events', name, 'true');
    if done is not null then return next done; end if;
  end loop;
end $$;
commit;
