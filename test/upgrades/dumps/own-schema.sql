-- Made by test/upgrades/make-dump.ts from commit c065863. Its secrets open nothing else.


SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA graphward;

CREATE SCHEMA graphward_jobs;

CREATE TYPE graphward_jobs.job_spec AS (
	identifier text,
	payload json,
	queue_name text,
	run_at timestamp with time zone,
	max_attempts smallint,
	job_key text,
	priority smallint,
	flags text[]
);

CREATE FUNCTION graphward.copy_role_members() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
  begin
    execute format('delete from %I.role_members where id = $1', tg_table_schema) using new.id;
    execute format(
      'insert into %I.role_members (id, role, is_active, email_verified_at, canonical_username, canonical_email)
       select distinct $1.id, role, $1.is_active, $1.email_verified_at, $1.canonical_username, $1.canonical_email from unnest($1.roles) as role',
      tg_table_schema) using new;
    return null;
  end $_$;

CREATE FUNCTION graphward.notify_changed_access_tokens() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  declare
    user_ids uuid[];
  begin
    user_ids := array(
  select distinct old_rows.user_id from old_rows left join new_rows on new_rows.id = old_rows.id
  where new_rows.id is null or new_rows.user_id is distinct from old_rows.user_id or new_rows.digest is distinct from old_rows.digest or new_rows.scopes is distinct from old_rows.scopes or new_rows.expires_at < old_rows.expires_at);
    if cardinality(user_ids) > 100 then
      perform pg_notify(tg_table_schema || '_revocations', '*');
    else
      perform pg_notify(tg_table_schema || '_revocations', user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;

CREATE FUNCTION graphward.notify_changed_sessions() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  declare
    user_ids uuid[];
  begin
    user_ids := array(
  select distinct old_rows.user_id from old_rows left join new_rows on new_rows.id = old_rows.id
  where new_rows.id is null or new_rows.user_id is distinct from old_rows.user_id or new_rows.cookie_digest is distinct from old_rows.cookie_digest or new_rows.token_digest is distinct from old_rows.token_digest or new_rows.idle_expires_at < old_rows.idle_expires_at or new_rows.absolute_expires_at < old_rows.absolute_expires_at);
    if cardinality(user_ids) > 100 then
      perform pg_notify(tg_table_schema || '_revocations', '*');
    else
      perform pg_notify(tg_table_schema || '_revocations', user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;

CREATE FUNCTION graphward.notify_changed_users() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  declare
    user_ids uuid[];
  begin
    user_ids := array(
  select distinct old_rows.id from old_rows left join new_rows on new_rows.id = old_rows.id
  where new_rows.id is null or new_rows.is_active is distinct from old_rows.is_active or new_rows.roles is distinct from old_rows.roles or new_rows.username is distinct from old_rows.username or new_rows.email is distinct from old_rows.email or new_rows.pending_email is distinct from old_rows.pending_email or new_rows.email_verified_at is distinct from old_rows.email_verified_at);
    if cardinality(user_ids) > 100 then
      perform pg_notify(tg_table_schema || '_revocations', '*');
    else
      perform pg_notify(tg_table_schema || '_revocations', user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;

CREATE FUNCTION graphward.notify_deleted_access_tokens() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  declare
    user_ids uuid[];
  begin
    user_ids := array(select distinct user_id from old_rows);
    if cardinality(user_ids) > 100 then
      perform pg_notify(tg_table_schema || '_revocations', '*');
    else
      perform pg_notify(tg_table_schema || '_revocations', user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;

CREATE FUNCTION graphward.notify_deleted_sessions() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  declare
    user_ids uuid[];
  begin
    user_ids := array(select distinct user_id from old_rows);
    if cardinality(user_ids) > 100 then
      perform pg_notify(tg_table_schema || '_revocations', '*');
    else
      perform pg_notify(tg_table_schema || '_revocations', user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;

CREATE FUNCTION graphward.notify_truncated() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ begin perform pg_notify(tg_table_schema || '_revocations', '*'); return null; end $$;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE graphward_jobs._private_jobs (
    id bigint NOT NULL,
    job_queue_id integer,
    task_id integer NOT NULL,
    payload json DEFAULT '{}'::json NOT NULL,
    priority smallint DEFAULT 0 NOT NULL,
    run_at timestamp with time zone DEFAULT now() NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    max_attempts smallint DEFAULT 25 NOT NULL,
    last_error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    key text,
    locked_at timestamp with time zone,
    locked_by text,
    revision integer DEFAULT 0 NOT NULL,
    flags jsonb,
    is_available boolean GENERATED ALWAYS AS (((locked_at IS NULL) AND (attempts < max_attempts))) STORED NOT NULL,
    CONSTRAINT jobs_key_check CHECK (((length(key) > 0) AND (length(key) <= 512))),
    CONSTRAINT jobs_max_attempts_check CHECK ((max_attempts >= 1))
);

CREATE FUNCTION graphward_jobs.add_job(identifier text, payload json DEFAULT NULL::json, queue_name text DEFAULT NULL::text, run_at timestamp with time zone DEFAULT NULL::timestamp with time zone, max_attempts integer DEFAULT NULL::integer, job_key text DEFAULT NULL::text, priority integer DEFAULT NULL::integer, flags text[] DEFAULT NULL::text[], job_key_mode text DEFAULT 'replace'::text) RETURNS graphward_jobs._private_jobs
    LANGUAGE plpgsql
    AS $$
declare
  v_job "graphward_jobs"._private_jobs;
begin
  if (job_key is null or job_key_mode is null or job_key_mode in ('replace', 'preserve_run_at')) then
    select * into v_job
    from "graphward_jobs".add_jobs(
      ARRAY[(
        identifier,
        payload,
        queue_name,
        run_at,
        max_attempts::smallint,
        job_key,
        priority::smallint,
        flags
      )::"graphward_jobs".job_spec],
      (job_key_mode = 'preserve_run_at')
    )
    limit 1;
    return v_job;
  elsif job_key_mode = 'unsafe_dedupe' then
    -- Ensure all the tasks exist
    insert into "graphward_jobs"._private_tasks as tasks (identifier)
    values (add_job.identifier)
    on conflict do nothing;
    -- Ensure all the queues exist
    if add_job.queue_name is not null then
      insert into "graphward_jobs"._private_job_queues as job_queues (queue_name)
      values (add_job.queue_name)
      on conflict do nothing;
    end if;
    -- Insert job, but if one already exists then do nothing, even if the
    -- existing job has already started (and thus represents an out-of-date
    -- world state). This is dangerous because it means that whatever state
    -- change triggered this add_job may not be acted upon (since it happened
    -- after the existing job started executing, but no further job is being
    -- scheduled), but it is useful in very rare circumstances for
    -- de-duplication. If in doubt, DO NOT USE THIS.
    insert into "graphward_jobs"._private_jobs as jobs (
      job_queue_id,
      task_id,
      payload,
      run_at,
      max_attempts,
      key,
      priority,
      flags
    )
      select
        job_queues.id,
        tasks.id,
        coalesce(add_job.payload, '{}'::json),
        coalesce(add_job.run_at, now()),
        coalesce(add_job.max_attempts::smallint, 25::smallint),
        add_job.job_key,
        coalesce(add_job.priority::smallint, 0::smallint),
        (
          select jsonb_object_agg(flag, true)
          from unnest(add_job.flags) as item(flag)
        )
      from "graphward_jobs"._private_tasks as tasks
      left join "graphward_jobs"._private_job_queues as job_queues
      on job_queues.queue_name = add_job.queue_name
      where tasks.identifier = add_job.identifier
    on conflict (key)
      -- Bump the updated_at so that there's something to return
      do update set
        revision = jobs.revision + 1,
        updated_at = now()
      returning *
      into v_job;
    if v_job.revision = 0 then
      perform pg_notify('jobs:insert', '{"r":' || random()::text || ',"count":1}');
    end if;
    return v_job;
  else
    raise exception 'Invalid job_key_mode value, expected ''replace'', ''preserve_run_at'' or ''unsafe_dedupe''.' using errcode = 'GWBKM';
  end if;
end;
$$;

CREATE FUNCTION graphward_jobs.add_jobs(specs graphward_jobs.job_spec[], job_key_preserve_run_at boolean DEFAULT false) RETURNS SETOF graphward_jobs._private_jobs
    LANGUAGE plpgsql
    AS $$
begin
  -- Ensure all the tasks exist
  insert into "graphward_jobs"._private_tasks as tasks (identifier)
  select distinct spec.identifier
  from unnest(specs) spec
  on conflict do nothing;
  -- Ensure all the queues exist
  insert into "graphward_jobs"._private_job_queues as job_queues (queue_name)
  select distinct spec.queue_name
  from unnest(specs) spec
  where spec.queue_name is not null
  on conflict do nothing;
  -- Ensure any locked jobs have their key cleared - in the case of locked
  -- existing job create a new job instead as it must have already started
  -- executing (i.e. it's world state is out of date, and the fact add_job
  -- has been called again implies there's new information that needs to be
  -- acted upon).
  update "graphward_jobs"._private_jobs as jobs
  set
    key = null,
    attempts = jobs.max_attempts,
    updated_at = now()
  from unnest(specs) spec
  where spec.job_key is not null
  and jobs.key = spec.job_key
  and is_available is not true;

  -- WARNING: this count is not 100% accurate; 'on conflict' clause will cause it to be an overestimate
  perform pg_notify('jobs:insert', '{"r":' || random()::text || ',"count":' || array_length(specs, 1)::text || '}');

  -- TODO: is there a risk that a conflict could occur depending on the
  -- isolation level?
  return query insert into "graphward_jobs"._private_jobs as jobs (
    job_queue_id,
    task_id,
    payload,
    run_at,
    max_attempts,
    key,
    priority,
    flags
  )
    select
      job_queues.id,
      tasks.id,
      coalesce(spec.payload, '{}'::json),
      coalesce(spec.run_at, now()),
      coalesce(spec.max_attempts, 25),
      spec.job_key,
      coalesce(spec.priority, 0),
      (
        select jsonb_object_agg(flag, true)
        from unnest(spec.flags) as item(flag)
      )
    from unnest(specs) spec
    inner join "graphward_jobs"._private_tasks as tasks
    on tasks.identifier = spec.identifier
    left join "graphward_jobs"._private_job_queues as job_queues
    on job_queues.queue_name = spec.queue_name
  on conflict (key) do update set
    job_queue_id = excluded.job_queue_id,
    task_id = excluded.task_id,
    payload =
      case
      when json_typeof(jobs.payload) = 'array' and json_typeof(excluded.payload) = 'array' then
        (jobs.payload::jsonb || excluded.payload::jsonb)::json
      else
        excluded.payload
      end,
    max_attempts = excluded.max_attempts,
    run_at = (case
      when job_key_preserve_run_at is true and jobs.attempts = 0 then jobs.run_at
      else excluded.run_at
    end),
    priority = excluded.priority,
    revision = jobs.revision + 1,
    flags = excluded.flags,
    -- always reset error/retry state
    attempts = 0,
    last_error = null,
    updated_at = now()
  where jobs.locked_at is null
  returning *;
end;
$$;

CREATE FUNCTION graphward_jobs.complete_jobs(job_ids bigint[]) RETURNS SETOF graphward_jobs._private_jobs
    LANGUAGE sql
    AS $$
  delete from "graphward_jobs"._private_jobs as jobs
    where id = any(job_ids)
    and (
      locked_at is null
    or
      locked_at < now() - interval '4 hours'
    )
    returning *;
$$;

CREATE FUNCTION graphward_jobs.force_unlock_workers(worker_ids text[]) RETURNS void
    LANGUAGE sql
    AS $$
update "graphward_jobs"._private_jobs as jobs
set locked_at = null, locked_by = null
where locked_by = any(worker_ids);
update "graphward_jobs"._private_job_queues as job_queues
set locked_at = null, locked_by = null
where locked_by = any(worker_ids);
$$;

CREATE FUNCTION graphward_jobs.permanently_fail_jobs(job_ids bigint[], error_message text DEFAULT NULL::text) RETURNS SETOF graphward_jobs._private_jobs
    LANGUAGE sql
    AS $$
  update "graphward_jobs"._private_jobs as jobs
    set
      last_error = coalesce(error_message, 'Manually marked as failed'),
      attempts = max_attempts,
      updated_at = now()
    where id = any(job_ids)
    and (
      locked_at is null
    or
      locked_at < NOW() - interval '4 hours'
    )
    returning *;
$$;

CREATE FUNCTION graphward_jobs.remove_job(job_key text) RETURNS graphward_jobs._private_jobs
    LANGUAGE plpgsql STRICT
    AS $$
declare
  v_job "graphward_jobs"._private_jobs;
begin
  -- Delete job if not locked
  delete from "graphward_jobs"._private_jobs as jobs
    where key = job_key
    and (
      locked_at is null
    or
      locked_at < NOW() - interval '4 hours'
    )
  returning * into v_job;
  if not (v_job is null) then
    perform pg_notify('jobs:insert', '{"r":' || random()::text || ',"count":-1}');
    return v_job;
  end if;
  -- Otherwise prevent job from retrying, and clear the key
  update "graphward_jobs"._private_jobs as jobs
  set
    key = null,
    attempts = jobs.max_attempts,
    updated_at = now()
  where key = job_key
  returning * into v_job;
  return v_job;
end;
$$;

CREATE FUNCTION graphward_jobs.reschedule_jobs(job_ids bigint[], run_at timestamp with time zone DEFAULT NULL::timestamp with time zone, priority integer DEFAULT NULL::integer, attempts integer DEFAULT NULL::integer, max_attempts integer DEFAULT NULL::integer) RETURNS SETOF graphward_jobs._private_jobs
    LANGUAGE sql
    AS $$
  update "graphward_jobs"._private_jobs as jobs
    set
      run_at = coalesce(reschedule_jobs.run_at, jobs.run_at),
      priority = coalesce(reschedule_jobs.priority::smallint, jobs.priority),
      attempts = coalesce(reschedule_jobs.attempts::smallint, jobs.attempts),
      max_attempts = coalesce(reschedule_jobs.max_attempts::smallint, jobs.max_attempts),
      updated_at = now()
    where id = any(job_ids)
    and (
      locked_at is null
    or
      locked_at < NOW() - interval '4 hours'
    )
    returning *;
$$;

CREATE TABLE graphward.access_tokens (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    digest bytea NOT NULL,
    hint text NOT NULL,
    scopes text[] NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE graphward.audit_anchors (
    sequence bigint NOT NULL,
    mac bytea NOT NULL,
    sealed_at timestamp(3) with time zone NOT NULL,
    seal bytea NOT NULL
);

CREATE TABLE graphward.audit_events (
    id bigint NOT NULL,
    at timestamp(3) with time zone DEFAULT clock_timestamp() NOT NULL,
    type text NOT NULL,
    user_id uuid,
    actor_id uuid,
    session_id uuid,
    details jsonb DEFAULT '{}'::jsonb NOT NULL,
    ip_address text,
    user_agent text,
    personal jsonb,
    window_key text,
    sequence bigint,
    sealed_at timestamp(3) with time zone,
    mac bytea,
    client_salt bytea,
    client_commitment bytea,
    personal_salt bytea,
    personal_commitment bytea,
    request_id text
);

CREATE SEQUENCE graphward.audit_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE graphward.audit_events_id_seq OWNED BY graphward.audit_events.id;

CREATE TABLE graphward.known_devices (
    user_id uuid NOT NULL,
    digest bytea NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE graphward.migrations (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    executed_at timestamp(6) with time zone DEFAULT CURRENT_TIMESTAMP(6) NOT NULL
);

CREATE SEQUENCE graphward.migrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE graphward.migrations_id_seq OWNED BY graphward.migrations.id;

CREATE TABLE graphward.one_time_tokens (
    id uuid NOT NULL,
    purpose text NOT NULL,
    digest bytea NOT NULL,
    user_id uuid NOT NULL,
    sent_to text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE UNLOGGED TABLE graphward.rate_limits (
    key text NOT NULL,
    points integer NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    in_flight integer DEFAULT 0 NOT NULL,
    in_flight_until timestamp with time zone
);

CREATE TABLE graphward.reserved_usernames (
    digest bytea NOT NULL,
    user_id uuid,
    reserved_until timestamp with time zone NOT NULL,
    skeleton_digest bytea
);

CREATE TABLE graphward.role_members (
    id uuid NOT NULL,
    role text NOT NULL,
    is_active boolean NOT NULL,
    email_verified_at timestamp with time zone,
    canonical_username text NOT NULL,
    canonical_email text
);

CREATE TABLE graphward.roles (
    name text NOT NULL,
    permissions text[] DEFAULT '{}'::text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE graphward.sessions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    cookie_digest bytea,
    token_digest bytea,
    user_agent text,
    ip_address text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_used_at timestamp with time zone DEFAULT now() NOT NULL,
    authenticated_at timestamp with time zone DEFAULT now() NOT NULL,
    idle_expires_at timestamp with time zone NOT NULL,
    absolute_expires_at timestamp with time zone NOT NULL,
    actor_session_id uuid,
    CONSTRAINT sessions_impersonation_check CHECK (((actor_session_id IS NULL) OR (cookie_digest IS NULL)))
);

CREATE TABLE graphward.users (
    id uuid NOT NULL,
    username text NOT NULL,
    canonical_username text NOT NULL,
    email text,
    canonical_email text,
    password_hash text,
    roles text[] DEFAULT '{}'::text[] NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    email_verified_at timestamp with time zone,
    last_login_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    pending_email text,
    new_device_mail boolean DEFAULT true NOT NULL,
    device_generation integer DEFAULT 0 NOT NULL,
    username_skeleton text
);

CREATE TABLE graphward_jobs._private_job_queues (
    id integer NOT NULL,
    queue_name text NOT NULL,
    locked_at timestamp with time zone,
    locked_by text,
    is_available boolean GENERATED ALWAYS AS ((locked_at IS NULL)) STORED NOT NULL,
    CONSTRAINT job_queues_queue_name_check CHECK ((length(queue_name) <= 128))
);

CREATE TABLE graphward_jobs._private_known_crontabs (
    identifier text NOT NULL,
    known_since timestamp with time zone NOT NULL,
    last_execution timestamp with time zone
);

CREATE TABLE graphward_jobs._private_tasks (
    id integer NOT NULL,
    identifier text NOT NULL,
    CONSTRAINT tasks_identifier_check CHECK ((length(identifier) <= 128))
);

ALTER TABLE graphward_jobs._private_job_queues ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME graphward_jobs.job_queues_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW graphward_jobs.jobs AS
 SELECT jobs.id,
    job_queues.queue_name,
    tasks.identifier AS task_identifier,
    jobs.priority,
    jobs.run_at,
    jobs.attempts,
    jobs.max_attempts,
    jobs.last_error,
    jobs.created_at,
    jobs.updated_at,
    jobs.key,
    jobs.locked_at,
    jobs.locked_by,
    jobs.revision,
    jobs.flags
   FROM ((graphward_jobs._private_jobs jobs
     JOIN graphward_jobs._private_tasks tasks ON ((tasks.id = jobs.task_id)))
     LEFT JOIN graphward_jobs._private_job_queues job_queues ON ((job_queues.id = jobs.job_queue_id)));

ALTER TABLE graphward_jobs._private_jobs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME graphward_jobs.jobs_id_seq1
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE graphward_jobs.migrations (
    id integer NOT NULL,
    ts timestamp with time zone DEFAULT now() NOT NULL,
    breaking boolean DEFAULT false NOT NULL
);

ALTER TABLE graphward_jobs._private_tasks ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME graphward_jobs.tasks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY graphward.audit_events ALTER COLUMN id SET DEFAULT nextval('graphward.audit_events_id_seq'::regclass);

ALTER TABLE ONLY graphward.migrations ALTER COLUMN id SET DEFAULT nextval('graphward.migrations_id_seq'::regclass);

INSERT INTO graphward.audit_events VALUES
	(1, '2026-11-28 08:32:18.324+00', 'ACCOUNT_CREATED', '01a22148-a382-718c-a660-7148aad4c819', NULL, NULL, '{"via": "first start", "roles": ["ADMIN"]}', NULL, NULL, NULL, NULL, 1, '2026-11-28 08:32:28.357+00', '\x8fa39d9c2bb64360eee6fa045a73ff9bef384b35002497701c785835743f5300', '\x16dbb3521f422ce816199e9f20422115a51938252819bc23ffe2c8d61b08bef0', '\xbeedd0fe4a32b334e3b8c627ea745c81822b53dc34c10515810c1cd024fdc504', '\x05263d784f8d5070be0237802ca593c5db91b7c18afc2007a575740eb9bf4eec', '\x0559151ef13b60abab5b18868df9c58d0676867a6ac028f134c98e0ebb05ab79', NULL),
	(2, '2026-11-28 08:32:19.791+00', 'ROLES_CHANGED', NULL, NULL, NULL, '{"via": "cli", "role": "EDITOR", "granted": ["users:read"]}', NULL, NULL, NULL, NULL, 2, '2026-11-28 08:32:28.357+00', '\x181381b41170b5ad4106cb42418536d6ea1d2951943d210cc65137e95229b7f0', '\x5feaa46859de5269aa605994661d06f292f7b3e4fda5939bbe872a48e3357edb', '\x629d2aa8c0413b608bf1b6764bf35492d18cad052421efc3a5c6014045a32283', '\x4614dece6cfcf5526255ce4f37c51498229ef1b49bd6b4545356e410d86f9dfb', '\xb736c3a041dbcab229a7feedcbb46783e524d6ed21e4e371dcfc4513c06b626e', NULL),
	(3, '2026-11-28 08:32:20.598+00', 'ACCOUNT_CREATED', '01a22148-ac6e-7152-b2c9-f81109b993d3', NULL, NULL, '{"via": "cli", "roles": ["ADMIN"]}', NULL, NULL, NULL, NULL, 3, '2026-11-28 08:32:28.357+00', '\xaba35f5b82920ce425cbee074824eb69495697020dc8d97839ae850249d3b878', '\x829d1c3346344c37296589a802a359f1ab740303eeaf7389c596f38a56015778', '\x9a4e0ed1a6b967664659ae08fd66fc5105111d8f4c27087b5c028e2b7d86223b', '\x466499a4b0c956c6e3b62e372b61e91ee63d79c19dc5138092873be702fee8f9', '\x8301b0167ad430fcac6946037ac4d4e089ba8c354b9656110d6893041db7afdc', NULL),
	(4, '2026-11-28 08:32:21.358+00', 'ACCOUNT_CREATED', '01a22148-af67-7460-8ec2-d79080423164', NULL, NULL, '{"via": "cli", "roles": ["EDITOR"]}', NULL, NULL, NULL, NULL, 4, '2026-11-28 08:32:28.357+00', '\x60f276cea5f6f4255bde7f0f689264f52713622cc496636982ba896567a1df32', '\x8f3c28140546cd7fd1ccb266032bfabfca6b30201617ebb2bd27c3e0c7554d8b', '\x67393a620445b752afb124a43cabd5baeb3bf2883328de14acc73cf2645bad4a', '\xe28485fcd2f467558ea9b48562209e0d4b9eafe62daa73fe2fb690886ebabfab', '\x9075c2fb61195cf045fa5917d12ba22583105cbae1e5d636018281c13acc81ee', NULL),
	(5, '2026-11-28 08:32:21.508+00', 'LOGIN_SUCCEEDED', '01a22148-ac6e-7152-b2c9-f81109b993d3', '01a22148-ac6e-7152-b2c9-f81109b993d3', '01a22148-affb-7609-80c1-fd9ad6a887c8', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 5, '2026-11-28 08:32:28.357+00', '\xdb0790d3feb394912be27fc8631fad549969b476e9ca00e1230d885b11bcb7a1', '\x94a93062fd95314f385d4dd3e886e6bb2e48478af6c56e22ea4fe0424ee231ee', '\xa30c085ba8baddd30f12f129864f030a85532f51d49b4cd024edc9287ee916aa', '\xaa0b6f1af20e74a2bfc4ca4132dfe03e08db7462326458f9b52d6cc8685f3ca3', '\xc395d165fbe00632b1572017a614f0c6ba7031f6118b947a9f43a00d729f70e1', '3f0f1b5c-908d-4a36-bb26-66f8669252c4'),
	(6, '2026-11-28 08:32:21.627+00', 'LOGIN_FAILED', '01a22148-ac6e-7152-b2c9-f81109b993d3', NULL, NULL, '{"reason": "WRONG_PASSWORD"}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, '3nS35sfCeWz3AI1eWEsyscZNn7S3gzZylIP84CDiyuo.1995394', 6, '2026-11-28 08:32:28.357+00', '\xc3d6c87c4339deb769956603cc91751d2de586fe743277376f2ae565119f9e60', '\xd5a044a1bb078daa2123248643cb3860c3593f1e5d2057f9f922cf21814609d3', '\x0af2bb95659063841f04a36ff5dd692090b4fb29fb8d49debd24df3ca1db54c4', '\x397e63f3305ffa20813244838ec65edd2d4cb7fea03f061a7bfad9b17a772a85', '\x4de5d029139664d8c95ec0f18874eebed1da03ff3f7e51d3f91b52f54f7926b2', '5f91225e-278d-4824-8d8b-7d95f11c1ecd'),
	(7, '2026-11-28 08:32:21.733+00', 'LOGIN_SUCCEEDED', '01a22148-af67-7460-8ec2-d79080423164', '01a22148-af67-7460-8ec2-d79080423164', '01a22148-b0cb-70f8-b8fb-7c08044e20a2', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 7, '2026-11-28 08:32:28.357+00', '\x7c0b70472accec21b33b38eebccea7cda72860a28a05d9a08ceac4dd81aa56a4', '\xa08277b4e75e03477ad88c6ce6eaad82713bf5e6049eea5a54fdc0293e0d3a07', '\x75022e19eb102e0993c71da845283618090816eceb05df92e67b1326fbcf2292', '\xfba5204671f111bfe1d8accadd0708da02cb630cba15eeb8e32e92e380aeabe4', '\xcc00d640f96bd4f1288e3b9997589a944f1aa8c258571ed692bb09ad411f915a', '12a84c68-c232-4f91-9b44-553c0785caf9'),
	(8, '2026-11-28 08:32:21.904+00', 'LOGIN_SUCCEEDED', '01a22148-af67-7460-8ec2-d79080423164', '01a22148-af67-7460-8ec2-d79080423164', '01a22148-b18b-7453-88ff-275b9c4abe05', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 8, '2026-11-28 08:32:28.357+00', '\xa7560afc40430c0d26391b126a3a0db49513e1bfafc6b88be309bbcb1260e53e', '\xaa3b6b38ba4697e00e94c6cbb847983e9ebc8cb90e4cfdc456dca58111d65f92', '\xdb07d1da3a4fff8cd0a6a3be524480e913e2d751568cef581a22bc4bfa917def', '\x9f8503f4e1de70628dade9dafcceded6603f7309ad42e899f0864043d11566f9', '\x35aa4d9ddf05375bf1bd01cc4ae5b5276c7d943e830c1d10bcd2d0db787b5030', '97731462-be72-4606-88a7-84d29ae86967'),
	(9, '2026-11-28 08:32:21.927+00', 'LOGOUT', '01a22148-af67-7460-8ec2-d79080423164', '01a22148-af67-7460-8ec2-d79080423164', '01a22148-b18b-7453-88ff-275b9c4abe05', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 9, '2026-11-28 08:32:28.357+00', '\x441ecd2de8e803f82db080453cef9d5f488f211c724d6bde82f8cffb734ff20e', '\x83a3b977e5362cb39f2232a00f9276fcfb0167857389ebaf11969b715b0e27bb', '\x76bd71b4bc49f3205fb1849d8b7838ccb4ca67a236d16757f8c5659fe469df97', '\xf47275b56b539ee51c80e296c562eb943a6f69ad547424c41253a76c33c96604', '\x9414787aa2caeae4c034e2fc2e8fb31c307efa0d5edad3110a141e53728292a5', 'fd933eba-ea73-4f17-a6ca-b1808624445f'),
	(10, '2026-11-28 08:32:22.254+00', 'ACCOUNT_REGISTERED', '01a22148-b2ea-73f6-8257-2c583fa35399', '01a22148-b2ea-73f6-8257-2c583fa35399', NULL, '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 10, '2026-11-28 08:32:28.357+00', '\x725bcd08e8d4afe70020ea643287d8b5aee7980275eea1f0fc96590e960eaaef', '\x51bacdf6ab34306f9f0ff9b397a1089c6608529d50cbee345761ae389e0c645f', '\x267e66f08b42cc6161fbaebf8b8d74b1b92453522dba3c11086120afdf9a75ca', '\x7516ae7c3dcaf3e48e13f1e7aab32900b1a9c1bb7a43a82822f09287ac567bf2', '\x273999c3dcb353dfaeed497575177bd7e413c7527f1445a4d41df13863a72a33', '0ebc775b-3b0d-40d5-bb26-01e399ff11d5');

INSERT INTO graphward.known_devices VALUES
	('01a22148-ac6e-7152-b2c9-f81109b993d3', '\xc17cf54199e7c58e0132b7c01ee3cb6a275303adf7648ab585048707ab2b396e', '2026-11-28 08:32:21.503008+00'),
	('01a22148-af67-7460-8ec2-d79080423164', '\x02a31fcc2cc801067dd06aa90c67375f5120667c56d3bb17180a4e8b6bef7e89', '2026-11-28 08:32:21.710129+00');

INSERT INTO graphward.migrations VALUES
	(1, '20261123211253-users-and-sessions', '2026-11-28 08:32:17.790991+00'),
	(2, '20261123224500-revocation-notices', '2026-11-28 08:32:17.790991+00'),
	(3, '20261125043608-audit-events', '2026-11-28 08:32:17.790991+00'),
	(4, '20261125043903-one-time-tokens', '2026-11-28 08:32:17.790991+00'),
	(5, '20261125070312-pending-email', '2026-11-28 08:32:17.790991+00'),
	(6, '20261125072146-access-tokens', '2026-11-28 08:32:17.790991+00'),
	(7, '20261125131930-roles', '2026-11-28 08:32:17.790991+00'),
	(8, '20261125132857-known-devices', '2026-11-28 08:32:17.790991+00'),
	(9, '20261125133554-rate-limits', '2026-11-28 08:32:17.790991+00'),
	(10, '20261125133737-account-lists', '2026-11-28 08:32:17.790991+00'),
	(11, '20261125133745-impersonations', '2026-11-28 08:32:17.790991+00'),
	(12, '20261125141500-verified-address-notices', '2026-11-28 08:32:17.790991+00'),
	(13, '20261125141547-reserved-usernames', '2026-11-28 08:32:17.790991+00'),
	(14, '20261126235325-device-generation', '2026-11-28 08:32:17.790991+00'),
	(15, '20261128045209-checks-in-flight', '2026-11-28 08:32:17.790991+00'),
	(16, '20261128050000-own-schema', '2026-11-28 08:32:17.790991+00'),
	(17, '20261128051518-username-skeletons', '2026-11-28 08:32:17.790991+00'),
	(18, '20261128053659-request-ids', '2026-11-28 08:32:17.790991+00');

INSERT INTO graphward.one_time_tokens VALUES
	('01a22148-b2ef-7293-95d0-a1df51bfb74f', 'verify-address', '\x4ba2fb1338782580a8c43c3baf5cb973e2e4fac37091b01bbddd80951fab82eb', '01a22148-b2ea-73f6-8257-2c583fa35399', 'ada@example.org', '2026-11-29 08:32:22.240571+00', '2026-11-28 08:32:22.240571+00'),
	('01a22148-c34c-7052-9c75-e583d26273c4', 'reset-password', '\x6dac20d6293a33b9be5e6877a6af600c317c1bf2cc1a2e507a8ff9997fe48c82', '01a22148-af67-7460-8ec2-d79080423164', 'alan@example.org', '2026-11-28 09:02:26.427599+00', '2026-11-28 08:32:26.427599+00');

INSERT INTO graphward.rate_limits VALUES
	('login.account:ipw9_iJhlo2v1uGNOyCcs2pwD2EJVYg2aivtnBqyfGg', 1, '2026-11-28 08:47:21.539617+00', 0, '2026-11-28 08:33:21.539617+00'),
	('login.ip:Bok6Lkz-HYH1LunbJLjZbUxyY0ohuCMwTrvwokU-Btk', 4, '2026-11-28 08:33:21.406778+00', 0, NULL),
	('register.ip:Bok6Lkz-HYH1LunbJLjZbUxyY0ohuCMwTrvwokU-Btk', 1, '2026-11-28 09:32:22.035284+00', 0, NULL),
	('mail.account:HgXjUZLvYdR8yCT2AS_X1crb0AxNz7dJQmWehXE_Lsc', 1, '2026-11-28 09:32:22.237701+00', 0, NULL),
	('reset.ip:Bok6Lkz-HYH1LunbJLjZbUxyY0ohuCMwTrvwokU-Btk', 1, '2026-11-28 09:32:22.300633+00', 0, NULL),
	('mail.account:KdFwgyspW7Pls9ia-q2hInlwMCkJwdngTdtNzABlmeQ', 1, '2026-11-28 09:32:22.309129+00', 0, NULL);

INSERT INTO graphward.role_members VALUES
	('01a22148-a382-718c-a660-7148aad4c819', 'ADMIN', true, NULL, 'admin', NULL),
	('01a22148-ac6e-7152-b2c9-f81109b993d3', 'ADMIN', true, '2026-11-28 08:32:20.564045+00', 'grace', 'grace@example.org'),
	('01a22148-af67-7460-8ec2-d79080423164', 'EDITOR', true, '2026-11-28 08:32:21.330409+00', 'alan', 'alan@example.org');

INSERT INTO graphward.roles VALUES
	('EDITOR', '{users:read}', '2026-11-28 08:32:19.781046+00');

INSERT INTO graphward.sessions VALUES
	('01a22148-affb-7609-80c1-fd9ad6a887c8', '01a22148-ac6e-7152-b2c9-f81109b993d3', '\x2260ab9a88326219a8ceaf5a42b1c557ff09dd692a006553e2186403b7518422', '\xc82738dd3ef43ec735fd7876358917a531eb38dfc1fd5a6f25778e38273a4db4', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '127.0.0.1', '2026-11-28 08:32:21.503008+00', '2026-11-28 08:32:21.514143+00', '2026-11-28 08:32:21.503008+00', '2026-12-28 08:32:21.503008+00', '2027-05-27 08:32:21.503008+00', NULL),
	('01a22148-b0cb-70f8-b8fb-7c08044e20a2', '01a22148-af67-7460-8ec2-d79080423164', '\xe407ca643613e4c040f64261eb96f23648bb269dd05296793dd27245e5401ce9', '\x4d8fd547263b8687d488969512a1cf62432a1588ee66ddd0ad35d7b06763c0f4', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '127.0.0.1', '2026-11-28 08:32:21.710129+00', '2026-11-28 08:32:21.745633+00', '2026-11-28 08:32:21.710129+00', '2026-12-28 08:32:21.710129+00', '2027-05-27 08:32:21.710129+00', NULL);

INSERT INTO graphward.users VALUES
	('01a22148-a382-718c-a660-7148aad4c819', 'admin', 'admin', NULL, NULL, '$argon2id$v=19$m=19456,p=1,t=2$9x7fwJTh12BFG1EeOCTbbQ$NCP2BMxqFofuEp83IO/sU2Pvq1nAPY0rJKDeVxtxUOQ', '{ADMIN}', true, NULL, NULL, '2026-11-28 08:32:18.291465+00', NULL, true, 0, 'adrnin'),
	('01a22148-ac6e-7152-b2c9-f81109b993d3', 'grace', 'grace', 'grace@example.org', 'grace@example.org', '$argon2id$v=19$m=19456,p=1,t=2$w8yaipM1lOS064icb3osmg$wXPhc/rqqY0hbWDN4rSEXD4ksDGww/ImtEcon54XLmI', '{ADMIN}', true, '2026-11-28 08:32:20.564045+00', '2026-11-28 08:32:21.503008+00', '2026-11-28 08:32:20.564045+00', NULL, true, 0, 'grace'),
	('01a22148-af67-7460-8ec2-d79080423164', 'alan', 'alan', 'alan@example.org', 'alan@example.org', '$argon2id$v=19$m=19456,p=1,t=2$qNEwvXb1X16meeJ/pUg2yw$IBAwEpcxrElPAOvfI63/GMrUnJjVGim5i2FLzSkgUJc', '{EDITOR}', true, '2026-11-28 08:32:21.330409+00', '2026-11-28 08:32:21.901307+00', '2026-11-28 08:32:21.330409+00', NULL, true, 0, 'alan'),
	('01a22148-b2ea-73f6-8257-2c583fa35399', 'ada', 'ada', 'ada@example.org', 'ada@example.org', '$argon2id$v=19$m=19456,p=1,t=2$XRYsd74hI48iAAhirUpdyQ$pt36fClkBdhQiP4RnRzev9W+JdzLLJAhi7YA49GtOug', '{}', true, NULL, NULL, '2026-11-28 08:32:22.240571+00', NULL, true, 0, 'ada');

INSERT INTO graphward_jobs._private_jobs OVERRIDING SYSTEM VALUE VALUES
	(1, NULL, 1, '{"template":"verify-address","userId":"01a22148-b2ea-73f6-8257-2c583fa35399","oneTimeTokenId":"01a22148-b2ef-7293-95d0-a1df51bfb74f"}', 0, '2026-11-28 08:32:33.832957+00', 2, 17, 'The mail server is not available: ECONNREFUSED (CONN)', '2026-11-28 08:32:22.240571+00', '2026-11-28 08:32:22.240571+00', NULL, NULL, NULL, 0, NULL, DEFAULT),
	(2, NULL, 6, '{"template":"reset-requested","address":"alan@example.org"}', 0, '2026-11-28 08:32:33.853117+00', 2, 17, 'The mail server is not available: ECONNREFUSED (CONN)', '2026-11-28 08:32:22.358937+00', '2026-11-28 08:32:22.358937+00', NULL, NULL, NULL, 0, NULL, DEFAULT);

INSERT INTO graphward_jobs._private_tasks OVERRIDING SYSTEM VALUE VALUES
	(1, 'mail:verify-address'),
	(2, 'mail:reset-password'),
	(3, 'mail:address-change-confirm'),
	(4, 'mail:address-changed'),
	(5, 'mail:invitation'),
	(6, 'mail:reset-requested'),
	(7, 'mail:address-taken'),
	(8, 'mail:password-changed'),
	(9, 'mail:username-changed'),
	(10, 'mail:access-token-created'),
	(11, 'mail:token-leaked'),
	(12, 'mail:roles-changed'),
	(13, 'mail:impersonated'),
	(14, 'mail:new-device'),
	(15, 'mail:account-deleted');

INSERT INTO graphward_jobs.migrations VALUES
	(1, '2026-11-28 08:32:17.859611+00', true),
	(2, '2026-11-28 08:32:17.874933+00', false),
	(3, '2026-11-28 08:32:17.881321+00', true),
	(4, '2026-11-28 08:32:17.885521+00', false),
	(5, '2026-11-28 08:32:17.888496+00', false),
	(6, '2026-11-28 08:32:17.891968+00', false),
	(7, '2026-11-28 08:32:17.896353+00', false),
	(8, '2026-11-28 08:32:17.899501+00', false),
	(9, '2026-11-28 08:32:17.902389+00', false),
	(10, '2026-11-28 08:32:17.904144+00', false),
	(11, '2026-11-28 08:32:17.905032+00', true),
	(12, '2026-11-28 08:32:17.926902+00', false),
	(13, '2026-11-28 08:32:17.928818+00', true),
	(14, '2026-11-28 08:32:17.931048+00', true),
	(15, '2026-11-28 08:32:17.933032+00', false),
	(16, '2026-11-28 08:32:17.934121+00', true),
	(17, '2026-11-28 08:32:17.937012+00', false),
	(18, '2026-11-28 08:32:17.939352+00', false),
	(19, '2026-11-28 08:32:17.942024+00', true);

SELECT pg_catalog.setval('graphward.audit_events_id_seq', 10, true);

SELECT pg_catalog.setval('graphward.migrations_id_seq', 18, true);

SELECT pg_catalog.setval('graphward_jobs.job_queues_id_seq', 1, false);

SELECT pg_catalog.setval('graphward_jobs.jobs_id_seq1', 2, true);

SELECT pg_catalog.setval('graphward_jobs.tasks_id_seq', 17, true);

ALTER TABLE ONLY graphward.access_tokens
    ADD CONSTRAINT access_tokens_digest_unique UNIQUE (digest);

ALTER TABLE ONLY graphward.access_tokens
    ADD CONSTRAINT access_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY graphward.audit_anchors
    ADD CONSTRAINT audit_anchors_pkey PRIMARY KEY (sequence);

ALTER TABLE ONLY graphward.audit_events
    ADD CONSTRAINT audit_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY graphward.audit_events
    ADD CONSTRAINT audit_events_sequence_unique UNIQUE (sequence);

ALTER TABLE ONLY graphward.known_devices
    ADD CONSTRAINT known_devices_pkey PRIMARY KEY (user_id, digest);

ALTER TABLE ONLY graphward.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY graphward.one_time_tokens
    ADD CONSTRAINT one_time_tokens_digest_unique UNIQUE (digest);

ALTER TABLE ONLY graphward.one_time_tokens
    ADD CONSTRAINT one_time_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY graphward.rate_limits
    ADD CONSTRAINT rate_limits_pkey PRIMARY KEY (key);

ALTER TABLE ONLY graphward.reserved_usernames
    ADD CONSTRAINT reserved_usernames_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY graphward.role_members
    ADD CONSTRAINT role_members_pkey PRIMARY KEY (id, role);

ALTER TABLE ONLY graphward.roles
    ADD CONSTRAINT roles_pkey PRIMARY KEY (name);

ALTER TABLE ONLY graphward.sessions
    ADD CONSTRAINT sessions_cookie_digest_unique UNIQUE (cookie_digest);

ALTER TABLE ONLY graphward.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY graphward.sessions
    ADD CONSTRAINT sessions_token_digest_unique UNIQUE (token_digest);

ALTER TABLE ONLY graphward.users
    ADD CONSTRAINT users_canonical_email_unique UNIQUE (canonical_email);

ALTER TABLE ONLY graphward.users
    ADD CONSTRAINT users_canonical_username_unique UNIQUE (canonical_username);

ALTER TABLE ONLY graphward.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY graphward.users
    ADD CONSTRAINT users_username_skeleton_unique UNIQUE (username_skeleton);

ALTER TABLE ONLY graphward_jobs._private_job_queues
    ADD CONSTRAINT job_queues_pkey1 PRIMARY KEY (id);

ALTER TABLE ONLY graphward_jobs._private_job_queues
    ADD CONSTRAINT job_queues_queue_name_key UNIQUE (queue_name);

ALTER TABLE ONLY graphward_jobs._private_jobs
    ADD CONSTRAINT jobs_key_key1 UNIQUE (key);

ALTER TABLE ONLY graphward_jobs._private_jobs
    ADD CONSTRAINT jobs_pkey1 PRIMARY KEY (id);

ALTER TABLE ONLY graphward_jobs._private_known_crontabs
    ADD CONSTRAINT known_crontabs_pkey PRIMARY KEY (identifier);

ALTER TABLE ONLY graphward_jobs.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY graphward_jobs._private_tasks
    ADD CONSTRAINT tasks_identifier_key UNIQUE (identifier);

ALTER TABLE ONLY graphward_jobs._private_tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (id);

CREATE INDEX access_tokens_expires_at_index ON graphward.access_tokens USING btree (expires_at);

CREATE INDEX access_tokens_user_id_index ON graphward.access_tokens USING btree (user_id);

CREATE INDEX audit_events_actor_id_index ON graphward.audit_events USING btree (actor_id);

CREATE INDEX audit_events_type_id_index ON graphward.audit_events USING btree (type, id);

CREATE INDEX audit_events_unsealed_index ON graphward.audit_events USING btree (id) WHERE (sequence IS NULL);

CREATE INDEX audit_events_user_id_id_index ON graphward.audit_events USING btree (user_id, id);

CREATE INDEX audit_events_user_id_type_id_index ON graphward.audit_events USING btree (user_id, type, id);

CREATE UNIQUE INDEX audit_events_window_key_unique ON graphward.audit_events USING btree (window_key) WHERE (window_key IS NOT NULL);

CREATE INDEX known_devices_last_seen_at_index ON graphward.known_devices USING btree (last_seen_at);

CREATE INDEX one_time_tokens_expires_at_index ON graphward.one_time_tokens USING btree (expires_at);

CREATE INDEX one_time_tokens_user_id_index ON graphward.one_time_tokens USING btree (user_id);

CREATE INDEX rate_limits_expires_at_index ON graphward.rate_limits USING btree (expires_at);

CREATE INDEX reserved_usernames_reserved_until_index ON graphward.reserved_usernames USING btree (reserved_until);

CREATE INDEX reserved_usernames_skeleton_digest_index ON graphward.reserved_usernames USING btree (skeleton_digest);

CREATE INDEX reserved_usernames_user_id_index ON graphward.reserved_usernames USING btree (user_id);

CREATE INDEX role_members_addresses_index ON graphward.role_members USING btree (role, is_active, ((email_verified_at IS NOT NULL)), canonical_email COLLATE "C");

CREATE INDEX role_members_newest_index ON graphward.role_members USING btree (role, is_active, ((email_verified_at IS NOT NULL)), id);

CREATE INDEX role_members_usernames_index ON graphward.role_members USING btree (role, is_active, ((email_verified_at IS NOT NULL)), canonical_username COLLATE "C");

CREATE UNIQUE INDEX sessions_actor_session_id_unique ON graphward.sessions USING btree (actor_session_id) WHERE (actor_session_id IS NOT NULL);

CREATE INDEX sessions_user_id_index ON graphward.sessions USING btree (user_id);

CREATE INDEX users_addresses_index ON graphward.users USING btree (is_active, ((email_verified_at IS NOT NULL)), canonical_email COLLATE "C");

CREATE INDEX users_newest_index ON graphward.users USING btree (is_active, ((email_verified_at IS NOT NULL)), id);

CREATE INDEX users_usernames_index ON graphward.users USING btree (is_active, ((email_verified_at IS NOT NULL)), canonical_username COLLATE "C");

CREATE INDEX jobs_main_index ON graphward_jobs._private_jobs USING btree (priority, run_at) INCLUDE (id, task_id, job_queue_id) WHERE (is_available = true);

CREATE INDEX jobs_no_queue_index ON graphward_jobs._private_jobs USING btree (priority, run_at) INCLUDE (id, task_id) WHERE ((is_available = true) AND (job_queue_id IS NULL));

CREATE TRIGGER access_tokens_changed AFTER UPDATE ON graphward.access_tokens REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION graphward.notify_changed_access_tokens();

CREATE TRIGGER access_tokens_deleted AFTER DELETE ON graphward.access_tokens REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION graphward.notify_deleted_access_tokens();

CREATE TRIGGER access_tokens_truncated AFTER TRUNCATE ON graphward.access_tokens FOR EACH STATEMENT EXECUTE FUNCTION graphward.notify_truncated();

CREATE TRIGGER role_members_added AFTER INSERT ON graphward.users FOR EACH ROW WHEN ((new.roles <> '{}'::text[])) EXECUTE FUNCTION graphward.copy_role_members();

CREATE TRIGGER role_members_changed AFTER UPDATE OF roles, is_active, email_verified_at, canonical_username, canonical_email ON graphward.users FOR EACH ROW WHEN (((new.roles <> '{}'::text[]) OR (old.roles <> '{}'::text[]))) EXECUTE FUNCTION graphward.copy_role_members();

CREATE TRIGGER roles_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON graphward.roles FOR EACH STATEMENT EXECUTE FUNCTION graphward.notify_truncated();

CREATE TRIGGER sessions_changed AFTER UPDATE ON graphward.sessions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION graphward.notify_changed_sessions();

CREATE TRIGGER sessions_deleted AFTER DELETE ON graphward.sessions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION graphward.notify_deleted_sessions();

CREATE TRIGGER sessions_truncated AFTER TRUNCATE ON graphward.sessions FOR EACH STATEMENT EXECUTE FUNCTION graphward.notify_truncated();

CREATE TRIGGER users_changed AFTER UPDATE ON graphward.users REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION graphward.notify_changed_users();

ALTER TABLE ONLY graphward.access_tokens
    ADD CONSTRAINT access_tokens_user_id_foreign FOREIGN KEY (user_id) REFERENCES graphward.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY graphward.known_devices
    ADD CONSTRAINT known_devices_user_id_foreign FOREIGN KEY (user_id) REFERENCES graphward.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY graphward.one_time_tokens
    ADD CONSTRAINT one_time_tokens_user_id_foreign FOREIGN KEY (user_id) REFERENCES graphward.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY graphward.reserved_usernames
    ADD CONSTRAINT reserved_usernames_user_id_foreign FOREIGN KEY (user_id) REFERENCES graphward.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY graphward.role_members
    ADD CONSTRAINT role_members_id_foreign FOREIGN KEY (id) REFERENCES graphward.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY graphward.sessions
    ADD CONSTRAINT sessions_actor_session_id_foreign FOREIGN KEY (actor_session_id) REFERENCES graphward.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY graphward.sessions
    ADD CONSTRAINT sessions_user_id_foreign FOREIGN KEY (user_id) REFERENCES graphward.users(id) ON DELETE CASCADE;

ALTER TABLE graphward_jobs._private_job_queues ENABLE ROW LEVEL SECURITY;

ALTER TABLE graphward_jobs._private_jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE graphward_jobs._private_known_crontabs ENABLE ROW LEVEL SECURITY;

ALTER TABLE graphward_jobs._private_tasks ENABLE ROW LEVEL SECURITY;

