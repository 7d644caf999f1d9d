-- Made by test/upgrades/make-dump.ts from commit 0b67673. Its secrets open nothing else.


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

CREATE SCHEMA graphile_worker;

CREATE TYPE graphile_worker.job_spec AS (
	identifier text,
	payload json,
	queue_name text,
	run_at timestamp with time zone,
	max_attempts smallint,
	job_key text,
	priority smallint,
	flags text[]
);

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE graphile_worker._private_jobs (
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

CREATE FUNCTION graphile_worker.add_job(identifier text, payload json DEFAULT NULL::json, queue_name text DEFAULT NULL::text, run_at timestamp with time zone DEFAULT NULL::timestamp with time zone, max_attempts integer DEFAULT NULL::integer, job_key text DEFAULT NULL::text, priority integer DEFAULT NULL::integer, flags text[] DEFAULT NULL::text[], job_key_mode text DEFAULT 'replace'::text) RETURNS graphile_worker._private_jobs
    LANGUAGE plpgsql
    AS $$
declare
  v_job "graphile_worker"._private_jobs;
begin
  if (job_key is null or job_key_mode is null or job_key_mode in ('replace', 'preserve_run_at')) then
    select * into v_job
    from "graphile_worker".add_jobs(
      ARRAY[(
        identifier,
        payload,
        queue_name,
        run_at,
        max_attempts::smallint,
        job_key,
        priority::smallint,
        flags
      )::"graphile_worker".job_spec],
      (job_key_mode = 'preserve_run_at')
    )
    limit 1;
    return v_job;
  elsif job_key_mode = 'unsafe_dedupe' then
    -- Ensure all the tasks exist
    insert into "graphile_worker"._private_tasks as tasks (identifier)
    values (add_job.identifier)
    on conflict do nothing;
    -- Ensure all the queues exist
    if add_job.queue_name is not null then
      insert into "graphile_worker"._private_job_queues as job_queues (queue_name)
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
    insert into "graphile_worker"._private_jobs as jobs (
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
      from "graphile_worker"._private_tasks as tasks
      left join "graphile_worker"._private_job_queues as job_queues
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

CREATE FUNCTION graphile_worker.add_jobs(specs graphile_worker.job_spec[], job_key_preserve_run_at boolean DEFAULT false) RETURNS SETOF graphile_worker._private_jobs
    LANGUAGE plpgsql
    AS $$
begin
  -- Ensure all the tasks exist
  insert into "graphile_worker"._private_tasks as tasks (identifier)
  select distinct spec.identifier
  from unnest(specs) spec
  on conflict do nothing;
  -- Ensure all the queues exist
  insert into "graphile_worker"._private_job_queues as job_queues (queue_name)
  select distinct spec.queue_name
  from unnest(specs) spec
  where spec.queue_name is not null
  on conflict do nothing;
  -- Ensure any locked jobs have their key cleared - in the case of locked
  -- existing job create a new job instead as it must have already started
  -- executing (i.e. it's world state is out of date, and the fact add_job
  -- has been called again implies there's new information that needs to be
  -- acted upon).
  update "graphile_worker"._private_jobs as jobs
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
  return query insert into "graphile_worker"._private_jobs as jobs (
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
    inner join "graphile_worker"._private_tasks as tasks
    on tasks.identifier = spec.identifier
    left join "graphile_worker"._private_job_queues as job_queues
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

CREATE FUNCTION graphile_worker.complete_jobs(job_ids bigint[]) RETURNS SETOF graphile_worker._private_jobs
    LANGUAGE sql
    AS $$
  delete from "graphile_worker"._private_jobs as jobs
    where id = any(job_ids)
    and (
      locked_at is null
    or
      locked_at < now() - interval '4 hours'
    )
    returning *;
$$;

CREATE FUNCTION graphile_worker.force_unlock_workers(worker_ids text[]) RETURNS void
    LANGUAGE sql
    AS $$
update "graphile_worker"._private_jobs as jobs
set locked_at = null, locked_by = null
where locked_by = any(worker_ids);
update "graphile_worker"._private_job_queues as job_queues
set locked_at = null, locked_by = null
where locked_by = any(worker_ids);
$$;

CREATE FUNCTION graphile_worker.permanently_fail_jobs(job_ids bigint[], error_message text DEFAULT NULL::text) RETURNS SETOF graphile_worker._private_jobs
    LANGUAGE sql
    AS $$
  update "graphile_worker"._private_jobs as jobs
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

CREATE FUNCTION graphile_worker.remove_job(job_key text) RETURNS graphile_worker._private_jobs
    LANGUAGE plpgsql STRICT
    AS $$
declare
  v_job "graphile_worker"._private_jobs;
begin
  -- Delete job if not locked
  delete from "graphile_worker"._private_jobs as jobs
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
  update "graphile_worker"._private_jobs as jobs
  set
    key = null,
    attempts = jobs.max_attempts,
    updated_at = now()
  where key = job_key
  returning * into v_job;
  return v_job;
end;
$$;

CREATE FUNCTION graphile_worker.reschedule_jobs(job_ids bigint[], run_at timestamp with time zone DEFAULT NULL::timestamp with time zone, priority integer DEFAULT NULL::integer, attempts integer DEFAULT NULL::integer, max_attempts integer DEFAULT NULL::integer) RETURNS SETOF graphile_worker._private_jobs
    LANGUAGE sql
    AS $$
  update "graphile_worker"._private_jobs as jobs
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

CREATE FUNCTION public.notify_changed_access_tokens() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  declare
    user_ids uuid[];
  begin
    user_ids := array(select distinct old_rows.user_id from old_rows left join new_rows on new_rows.id = old_rows.id
         where new_rows.id is null
            or new_rows.user_id <> old_rows.user_id
            or new_rows.digest <> old_rows.digest
            or new_rows.scopes <> old_rows.scopes
            or new_rows.expires_at < old_rows.expires_at);
    if cardinality(user_ids) > 100 then
      perform pg_notify('graphward_revocations', '*');
    else
      perform pg_notify('graphward_revocations', user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;

CREATE FUNCTION public.notify_changed_sessions() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  declare
    user_ids uuid[];
  begin
    user_ids := array(select distinct old_rows.user_id from old_rows left join new_rows on new_rows.id = old_rows.id
         where new_rows.id is null
            or new_rows.user_id <> old_rows.user_id
            or new_rows.cookie_digest is distinct from old_rows.cookie_digest
            or new_rows.token_digest is distinct from old_rows.token_digest
            or new_rows.idle_expires_at < old_rows.idle_expires_at
            or new_rows.absolute_expires_at < old_rows.absolute_expires_at);
    if cardinality(user_ids) > 100 then
      perform pg_notify('graphward_revocations', '*');
    else
      perform pg_notify('graphward_revocations', user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;

CREATE FUNCTION public.notify_changed_users() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  declare
    user_ids uuid[];
  begin
    user_ids := array(select old_rows.id from old_rows left join new_rows on new_rows.id = old_rows.id
         where new_rows.id is null
            or new_rows.is_active <> old_rows.is_active
            or new_rows.roles <> old_rows.roles
            or new_rows.username <> old_rows.username
            or new_rows.email is distinct from old_rows.email);
    if cardinality(user_ids) > 100 then
      perform pg_notify('graphward_revocations', '*');
    else
      perform pg_notify('graphward_revocations', user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;

CREATE FUNCTION public.notify_deleted_access_tokens() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  declare
    user_ids uuid[];
  begin
    user_ids := array(select distinct user_id from old_rows);
    if cardinality(user_ids) > 100 then
      perform pg_notify('graphward_revocations', '*');
    else
      perform pg_notify('graphward_revocations', user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;

CREATE FUNCTION public.notify_deleted_sessions() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  declare
    user_ids uuid[];
  begin
    user_ids := array(select distinct user_id from old_rows);
    if cardinality(user_ids) > 100 then
      perform pg_notify('graphward_revocations', '*');
    else
      perform pg_notify('graphward_revocations', user_id::text) from unnest(user_ids) as user_id;
    end if;
    return null;
  end $$;

CREATE FUNCTION public.notify_truncated() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$ begin perform pg_notify('graphward_revocations', '*'); return null; end $$;

CREATE TABLE graphile_worker._private_job_queues (
    id integer NOT NULL,
    queue_name text NOT NULL,
    locked_at timestamp with time zone,
    locked_by text,
    is_available boolean GENERATED ALWAYS AS ((locked_at IS NULL)) STORED NOT NULL,
    CONSTRAINT job_queues_queue_name_check CHECK ((length(queue_name) <= 128))
);

CREATE TABLE graphile_worker._private_known_crontabs (
    identifier text NOT NULL,
    known_since timestamp with time zone NOT NULL,
    last_execution timestamp with time zone
);

CREATE TABLE graphile_worker._private_tasks (
    id integer NOT NULL,
    identifier text NOT NULL,
    CONSTRAINT tasks_identifier_check CHECK ((length(identifier) <= 128))
);

ALTER TABLE graphile_worker._private_job_queues ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME graphile_worker.job_queues_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW graphile_worker.jobs AS
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
   FROM ((graphile_worker._private_jobs jobs
     JOIN graphile_worker._private_tasks tasks ON ((tasks.id = jobs.task_id)))
     LEFT JOIN graphile_worker._private_job_queues job_queues ON ((job_queues.id = jobs.job_queue_id)));

ALTER TABLE graphile_worker._private_jobs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME graphile_worker.jobs_id_seq1
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE graphile_worker.migrations (
    id integer NOT NULL,
    ts timestamp with time zone DEFAULT now() NOT NULL,
    breaking boolean DEFAULT false NOT NULL
);

ALTER TABLE graphile_worker._private_tasks ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME graphile_worker.tasks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.access_tokens (
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

CREATE TABLE public.audit_anchors (
    sequence bigint NOT NULL,
    mac bytea NOT NULL,
    sealed_at timestamp(3) with time zone NOT NULL,
    seal bytea NOT NULL
);

CREATE TABLE public.audit_events (
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
    personal_commitment bytea
);

CREATE SEQUENCE public.audit_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.audit_events_id_seq OWNED BY public.audit_events.id;

CREATE TABLE public.migrations (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    executed_at timestamp(6) with time zone DEFAULT CURRENT_TIMESTAMP(6) NOT NULL
);

CREATE SEQUENCE public.migrations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.migrations_id_seq OWNED BY public.migrations.id;

CREATE TABLE public.one_time_tokens (
    id uuid NOT NULL,
    purpose text NOT NULL,
    digest bytea NOT NULL,
    user_id uuid NOT NULL,
    sent_to text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.sessions (
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
    absolute_expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.users (
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
    pending_email text
);

ALTER TABLE ONLY public.audit_events ALTER COLUMN id SET DEFAULT nextval('public.audit_events_id_seq'::regclass);

ALTER TABLE ONLY public.migrations ALTER COLUMN id SET DEFAULT nextval('public.migrations_id_seq'::regclass);

INSERT INTO graphile_worker._private_jobs OVERRIDING SYSTEM VALUE VALUES
	(1, NULL, 10, '{"template":"access-token-created","userId":"01a22147-a31e-7011-95f9-73301304d84c","name":"a script"}', 0, '2026-11-28 08:31:26.553128+00', 2, 17, 'The mail server could not be asked: ECONNREFUSED (CONN)', '2026-11-28 08:31:14.969089+00', '2026-11-28 08:31:14.969089+00', NULL, NULL, NULL, 0, NULL, DEFAULT),
	(2, NULL, 1, '{"template":"verify-address","userId":"01a22147-ac4c-748d-9856-2d31f070a2ad","oneTimeTokenId":"01a22147-ac97-72a8-9ca4-51d7d6a1c153"}', 0, '2026-11-28 08:31:26.58731+00', 2, 17, 'The mail server could not be asked: ECONNREFUSED (CONN)', '2026-11-28 08:31:15.093006+00', '2026-11-28 08:31:15.093006+00', NULL, NULL, NULL, 0, NULL, DEFAULT),
	(3, NULL, 6, '{"template":"reset-requested","address":"alan@example.org"}', 0, '2026-11-28 08:31:26.632536+00', 2, 17, 'The mail server could not be asked: ECONNREFUSED (CONN)', '2026-11-28 08:31:15.117137+00', '2026-11-28 08:31:15.117137+00', NULL, NULL, NULL, 0, NULL, DEFAULT);

INSERT INTO graphile_worker._private_tasks OVERRIDING SYSTEM VALUE VALUES
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
	(11, 'mail:roles-changed'),
	(12, 'mail:impersonated'),
	(13, 'mail:new-device'),
	(14, 'mail:account-deleted');

INSERT INTO graphile_worker.migrations VALUES
	(1, '2026-11-28 08:31:09.362667+00', true),
	(2, '2026-11-28 08:31:09.391832+00', false),
	(3, '2026-11-28 08:31:09.402373+00', true),
	(4, '2026-11-28 08:31:09.407765+00', false),
	(5, '2026-11-28 08:31:09.410805+00', false),
	(6, '2026-11-28 08:31:09.416515+00', false),
	(7, '2026-11-28 08:31:09.427994+00', false),
	(8, '2026-11-28 08:31:09.435911+00', false),
	(9, '2026-11-28 08:31:09.447895+00', false),
	(10, '2026-11-28 08:31:09.450687+00', false),
	(11, '2026-11-28 08:31:09.460902+00', true),
	(12, '2026-11-28 08:31:09.556499+00', false),
	(13, '2026-11-28 08:31:09.561502+00', true),
	(14, '2026-11-28 08:31:09.567521+00', true),
	(15, '2026-11-28 08:31:09.571753+00', false),
	(16, '2026-11-28 08:31:09.575844+00', true),
	(17, '2026-11-28 08:31:09.583989+00', false),
	(18, '2026-11-28 08:31:09.587709+00', false),
	(19, '2026-11-28 08:31:09.591752+00', true);

INSERT INTO public.access_tokens VALUES
	('01a22147-ac1b-776c-802f-3b7a18127435', '01a22147-a31e-7011-95f9-73301304d84c', 'a script', '\x53bd320a8e970739f39191de451cfedf6683bb19ea89d6fdcea0895a45dbb7ed', 'gwa_…f02l', '{profile:read}', '2027-02-26 08:31:14.969089+00', NULL, '2026-11-28 08:31:14.969089+00');

INSERT INTO public.audit_events VALUES
	(1, '2026-11-28 08:31:12.792+00', 'ACCOUNT_CREATED', '01a22147-a31e-7011-95f9-73301304d84c', NULL, NULL, '{"via": "cli", "roles": ["ADMIN"]}', NULL, NULL, NULL, NULL, 1, '2026-11-28 08:31:19.646+00', '\x357c77e2e4ae903d1093e0b337d3430027983ab05205d9fac72945e9dbed982c', '\xd777bc638eaf97760b125bd3dea3fd64805a94a2b821c4a11ffefe4cb3838eae', '\x010dd59367279420e2fc65d3fa79c0ae519b3fb02059235710c7ed5917673c0f', '\x6ed21e4b316af4877e439ef9f54acd80dbb5835b2bdcc6ec2a47ff14a62be168', '\x54d85217fef98609ad7ed9e8368ab343ef486bb774f0376195cdb54dc7a25697'),
	(2, '2026-11-28 08:31:14.556+00', 'ACCOUNT_CREATED', '01a22147-aa3c-72f2-a9a7-921eee9c75d5', NULL, NULL, '{"via": "cli", "roles": ["EDITOR"]}', NULL, NULL, NULL, NULL, 2, '2026-11-28 08:31:19.646+00', '\x6c06a8414c3a173ec1862662f7e4920869fc303e549eb6d1110c4266b20e44fd', '\xd061a624f485088f6e2035b0ebbeb5720721533a1f8170be6fa2d3335c0ae3c6', '\xf827ea294fccec2171603f4e27d4c3e7c83962bcf37880ee08a23968c7ea028b', '\x0fc76a0347c824763f993a96c743f1dfa22a7b1e924135f7ee41444e9e8ff935', '\xce0e4c63ad80a64e694549d6da58b1bb87aa30ba0e047aefe619a089354d159d'),
	(3, '2026-11-28 08:31:14.674+00', 'LOGIN_SUCCEEDED', '01a22147-a31e-7011-95f9-73301304d84c', '01a22147-a31e-7011-95f9-73301304d84c', '01a22147-aaeb-74fe-bf64-b1b5b6e26b0d', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 3, '2026-11-28 08:31:19.646+00', '\xe47f722a671e2009d62e6bc1cb1eca55de0514ade2734c949f69eb9cbbbb1f23', '\x0734eec5f1804d545bb5b3676a0750b5257e346925783e215c021cc70ae67d1f', '\xd7ab0faed04fb44262c28f9ba4ef71107264b1250443f9159d30bd2bc7d1e998', '\x26c4350531fca2cc970b30b9a88074088771cf1b744c7357c85ff22b2c7c74d4', '\xd223d129ca43a1e39d060ff2db17f4d11c3a3706e747d1b8580843be5d8334c2'),
	(4, '2026-11-28 08:31:14.781+00', 'LOGIN_FAILED', '01a22147-a31e-7011-95f9-73301304d84c', NULL, NULL, '{"reason": "WRONG_PASSWORD"}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, 'ZYSSl25QmYEpg8KvenzdqmK3x-etAFaODicqkufQ8O4.1995394', 4, '2026-11-28 08:31:19.646+00', '\x8bae02f7f9de42a39fde4cf9dc0271e0f8b19198ee49886638498f11f631c0ba', '\xa5ace433765416edff51169d7a7feca274b6c63fdabfbf843ac22e8810d50c68', '\x2dd09f07f72d0d5752bd9f465bbfef0a8e277534c9436fe911161822b717e8d7', '\x3af9d9cb451966365079eab864550a69b9243905d5bd65d1ec8681e70c6c15ac', '\xe6f85101822d0f7e0952f1a54bbd4be6ee6e842bca50f0240f2054f311fce716'),
	(5, '2026-11-28 08:31:14.849+00', 'LOGIN_SUCCEEDED', '01a22147-aa3c-72f2-a9a7-921eee9c75d5', '01a22147-aa3c-72f2-a9a7-921eee9c75d5', '01a22147-ab9e-74a5-9c7f-b9cb267d7811', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 5, '2026-11-28 08:31:19.646+00', '\xea3ab851fc4cf3f9caf0face70c76e82a38cd888fb6b08fd9ef15507fc30060c', '\xdef7cf04da757fd368c339bf73ca2f28dc5aae1b45c63adbfc124aa0739227a6', '\xa2f9cb60449a7669117936fd9da67bd795bf3348fd2cb4306b7dae25574f9e27', '\x9a2601d7da18dd63c8e2aae5f88525dbf040787f30dbc4080bce7f27d07033c4', '\x1b04321bf21cfb19ed1f4d64f5a6eae71cdddc5ea4e6307308196853f45d53ad'),
	(6, '2026-11-28 08:31:14.927+00', 'LOGIN_SUCCEEDED', '01a22147-aa3c-72f2-a9a7-921eee9c75d5', '01a22147-aa3c-72f2-a9a7-921eee9c75d5', '01a22147-abec-7133-ba21-5ad6c170704d', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 6, '2026-11-28 08:31:19.646+00', '\x9634fecba524886b46e9d4e85d3b52a1a6aae961ec899d0e9726402a321eb5b6', '\xb4f4b8d47f6d575f790f30b41cd8b895e9b9a5277e297cdf5f1478016bbc64da', '\xc4148694ef79d1f8730e9fc7e9f8581ed6b7cc13cfdf8edd9cb956ea76ac97f3', '\x3dd8a57d509197f59635e2aa1c5a93fe9982766afa3499f4884b51712847d25d', '\x8b2bdd0e975c256422827cc1ad561bc26e031b52f8b15cb739b4c98ff7c17766'),
	(7, '2026-11-28 08:31:14.948+00', 'LOGOUT', '01a22147-aa3c-72f2-a9a7-921eee9c75d5', '01a22147-aa3c-72f2-a9a7-921eee9c75d5', '01a22147-abec-7133-ba21-5ad6c170704d', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 7, '2026-11-28 08:31:19.646+00', '\xb32cd4cfc59c932c9307555d1e438f245b6ecb97a0b29cb7e0c2545e4ece301e', '\x457dc9378627fe0551986b2054598e7b40457d1b51a951dffe7a0b4a0eea3012', '\x2d0fe59b32751e8a9b8b619ae9ba08e0280621d56771fc963beb9f808f91147d', '\xe6d504e6363af66248e6fd7085c5939fd5ba117a4e54e0fa7578b0d421b4cf36', '\x176b9c4a46e685394b448995cf286c0697ea5ca06ccade969ec21486c3b6bf1e'),
	(8, '2026-11-28 08:31:14.976+00', 'ACCESS_TOKEN_CREATED', '01a22147-a31e-7011-95f9-73301304d84c', '01a22147-a31e-7011-95f9-73301304d84c', '01a22147-aaeb-74fe-bf64-b1b5b6e26b0d', '{"scopes": ["profile:read"], "accessTokenId": "01a22147-ac1b-776c-802f-3b7a18127435"}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '{"name": "a script"}', NULL, 8, '2026-11-28 08:31:19.646+00', '\x027b02dafeca213a4d1609aac49965efd36a04b14d32cea0adfb63e297cedce1', '\x698bc40d8ade3784099d6c1b25aecbb1aba8fdd5d986bbbf9ee4202d961a9e08', '\xce0f1e32324381bb39e8a75282ba6b71020fe2b12ef0342c70a36011948708cc', '\xb32b0c5a6f090b7e02cb44c743f9b5788da61aa159606b8c870d2f63a881de03', '\x848eb232b34ef5a80f7391b80dda05f2ffcacfa1f1045cd9f2b01cc24d8d0349'),
	(9, '2026-11-28 08:31:15.095+00', 'ACCOUNT_REGISTERED', '01a22147-ac4c-748d-9856-2d31f070a2ad', '01a22147-ac4c-748d-9856-2d31f070a2ad', NULL, '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 9, '2026-11-28 08:31:19.646+00', '\x4d78cbb49e5e66afcdb73880c5ec333b4ee73f89baccd006c34e0cb6e0647d71', '\xac80e0ac5410973cd1cacbbb90fe0ef22b7cdf0468ade3e2aff41435a7990cf3', '\xe22f39f176156e1d14ba834139592852305748c211e20af16d26a9e209e6c9f0', '\xf255a3c8f580c174c9c400963df9193588a2ff1fff9dd0d5ac4c70bb4c357400', '\x865ccfc4f25ac6e9f690a1f9bf8476fe08d0ba4b6c132aeb76ac168c09a3cf6c');

INSERT INTO public.migrations VALUES
	(1, '20261123211253-users-and-sessions', '2026-11-28 08:31:09.0578+00'),
	(2, '20261123224500-revocation-notices', '2026-11-28 08:31:09.0578+00'),
	(3, '20261125043608-audit-events', '2026-11-28 08:31:09.0578+00'),
	(4, '20261125043903-one-time-tokens', '2026-11-28 08:31:09.0578+00'),
	(5, '20261125070312-pending-email', '2026-11-28 08:31:09.0578+00'),
	(6, '20261125072146-access-tokens', '2026-11-28 08:31:09.0578+00');

INSERT INTO public.one_time_tokens VALUES
	('01a22147-ac97-72a8-9ca4-51d7d6a1c153', 'verify-address', '\xe143ae583cab5e6af71dd5a68d2935ac0d1141785e18dc60d9cd67673b717d27', '01a22147-ac4c-748d-9856-2d31f070a2ad', 'ada@example.org', '2026-11-29 08:31:15.093006+00', '2026-11-28 08:31:15.093006+00'),
	('01a22147-bc94-76d0-9535-46fb3d29f874', 'reset-password', '\x2c351c27cc7f1026f002e3dc2de5bd286c0a1ac4b7b4cf50045e331a507f7953', '01a22147-aa3c-72f2-a9a7-921eee9c75d5', 'alan@example.org', '2026-11-28 09:01:19.169439+00', '2026-11-28 08:31:19.169439+00');

INSERT INTO public.sessions VALUES
	('01a22147-aaeb-74fe-bf64-b1b5b6e26b0d', '01a22147-a31e-7011-95f9-73301304d84c', '\x74561b3ee498d746d8bce2ddef406f8003fe493fd4fb7d2f0ce1e68ec0e3c288', '\x020dc05a2d153db85fb32527e636fc803c46c878b663b72656e4dabf8db205c2', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '127.0.0.1', '2026-11-28 08:31:14.671955+00', '2026-11-28 08:31:14.699821+00', '2026-11-28 08:31:14.671955+00', '2026-12-28 08:31:14.671955+00', '2027-05-27 08:31:14.671955+00'),
	('01a22147-ab9e-74a5-9c7f-b9cb267d7811', '01a22147-aa3c-72f2-a9a7-921eee9c75d5', '\xd4302b43159729845597009fd82929be4a1079d9cc0dce3ad54927fb522c93c0', '\x6eab59e079e22a8d280b8a03163fe0029bddb03b0dc4efbd03097e5ddf47893a', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '127.0.0.1', '2026-11-28 08:31:14.847187+00', '2026-11-28 08:31:14.863399+00', '2026-11-28 08:31:14.847187+00', '2026-12-28 08:31:14.847187+00', '2027-05-27 08:31:14.847187+00');

INSERT INTO public.users VALUES
	('01a22147-a31e-7011-95f9-73301304d84c', 'grace', 'grace', 'grace@example.org', 'grace@example.org', '$argon2id$v=19$m=19456,p=1,t=2$RBSdpOCV54DmqJc3Vy1dEw$rgFys0f0ORpDn7YKUJ/fUQmmGQUZjFy3QxCouk1KQG8', '{ADMIN}', true, '2026-11-28 08:31:12.790804+00', '2026-11-28 08:31:14.671955+00', '2026-11-28 08:31:12.790804+00', NULL),
	('01a22147-aa3c-72f2-a9a7-921eee9c75d5', 'alan', 'alan', 'alan@example.org', 'alan@example.org', '$argon2id$v=19$m=19456,p=1,t=2$6hfU/hUu+nbWM2bKCKLeQw$HmjBsDMHnbNs9FIK3AozzLfqB2wwtcbJ+7TXPGCP6SQ', '{EDITOR}', true, '2026-11-28 08:31:14.554227+00', '2026-11-28 08:31:14.926072+00', '2026-11-28 08:31:14.554227+00', NULL),
	('01a22147-ac4c-748d-9856-2d31f070a2ad', 'ada', 'ada', 'ada@example.org', 'ada@example.org', '$argon2id$v=19$m=19456,p=1,t=2$PbYCQv0UIC7ZQqghY4lMSw$wBPEMut2AXxvZ3AahfJjCMBsnvAx/Ag/AFPwDIxMrLI', '{}', true, NULL, NULL, '2026-11-28 08:31:15.093006+00', NULL);

SELECT pg_catalog.setval('graphile_worker.job_queues_id_seq', 1, false);

SELECT pg_catalog.setval('graphile_worker.jobs_id_seq1', 3, true);

SELECT pg_catalog.setval('graphile_worker.tasks_id_seq', 17, true);

SELECT pg_catalog.setval('public.audit_events_id_seq', 9, true);

SELECT pg_catalog.setval('public.migrations_id_seq', 6, true);

ALTER TABLE ONLY graphile_worker._private_job_queues
    ADD CONSTRAINT job_queues_pkey1 PRIMARY KEY (id);

ALTER TABLE ONLY graphile_worker._private_job_queues
    ADD CONSTRAINT job_queues_queue_name_key UNIQUE (queue_name);

ALTER TABLE ONLY graphile_worker._private_jobs
    ADD CONSTRAINT jobs_key_key1 UNIQUE (key);

ALTER TABLE ONLY graphile_worker._private_jobs
    ADD CONSTRAINT jobs_pkey1 PRIMARY KEY (id);

ALTER TABLE ONLY graphile_worker._private_known_crontabs
    ADD CONSTRAINT known_crontabs_pkey PRIMARY KEY (identifier);

ALTER TABLE ONLY graphile_worker.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY graphile_worker._private_tasks
    ADD CONSTRAINT tasks_identifier_key UNIQUE (identifier);

ALTER TABLE ONLY graphile_worker._private_tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_digest_unique UNIQUE (digest);

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_anchors
    ADD CONSTRAINT audit_anchors_pkey PRIMARY KEY (sequence);

ALTER TABLE ONLY public.audit_events
    ADD CONSTRAINT audit_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_events
    ADD CONSTRAINT audit_events_sequence_unique UNIQUE (sequence);

ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.one_time_tokens
    ADD CONSTRAINT one_time_tokens_digest_unique UNIQUE (digest);

ALTER TABLE ONLY public.one_time_tokens
    ADD CONSTRAINT one_time_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_cookie_digest_unique UNIQUE (cookie_digest);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_token_digest_unique UNIQUE (token_digest);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_canonical_email_unique UNIQUE (canonical_email);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_canonical_username_unique UNIQUE (canonical_username);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

CREATE INDEX jobs_main_index ON graphile_worker._private_jobs USING btree (priority, run_at) INCLUDE (id, task_id, job_queue_id) WHERE (is_available = true);

CREATE INDEX jobs_no_queue_index ON graphile_worker._private_jobs USING btree (priority, run_at) INCLUDE (id, task_id) WHERE ((is_available = true) AND (job_queue_id IS NULL));

CREATE INDEX access_tokens_expires_at_index ON public.access_tokens USING btree (expires_at);

CREATE INDEX access_tokens_user_id_index ON public.access_tokens USING btree (user_id);

CREATE INDEX audit_events_actor_id_index ON public.audit_events USING btree (actor_id);

CREATE INDEX audit_events_type_id_index ON public.audit_events USING btree (type, id);

CREATE INDEX audit_events_unsealed_index ON public.audit_events USING btree (id) WHERE (sequence IS NULL);

CREATE INDEX audit_events_user_id_id_index ON public.audit_events USING btree (user_id, id);

CREATE INDEX audit_events_user_id_type_id_index ON public.audit_events USING btree (user_id, type, id);

CREATE UNIQUE INDEX audit_events_window_key_unique ON public.audit_events USING btree (window_key) WHERE (window_key IS NOT NULL);

CREATE INDEX one_time_tokens_expires_at_index ON public.one_time_tokens USING btree (expires_at);

CREATE INDEX one_time_tokens_user_id_index ON public.one_time_tokens USING btree (user_id);

CREATE INDEX sessions_user_id_index ON public.sessions USING btree (user_id);

CREATE TRIGGER access_tokens_changed AFTER UPDATE ON public.access_tokens REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.notify_changed_access_tokens();

CREATE TRIGGER access_tokens_deleted AFTER DELETE ON public.access_tokens REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.notify_deleted_access_tokens();

CREATE TRIGGER access_tokens_truncated AFTER TRUNCATE ON public.access_tokens FOR EACH STATEMENT EXECUTE FUNCTION public.notify_truncated();

CREATE TRIGGER sessions_changed AFTER UPDATE ON public.sessions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.notify_changed_sessions();

CREATE TRIGGER sessions_deleted AFTER DELETE ON public.sessions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.notify_deleted_sessions();

CREATE TRIGGER sessions_truncated AFTER TRUNCATE ON public.sessions FOR EACH STATEMENT EXECUTE FUNCTION public.notify_truncated();

CREATE TRIGGER users_changed AFTER UPDATE ON public.users REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.notify_changed_users();

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_user_id_foreign FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.one_time_tokens
    ADD CONSTRAINT one_time_tokens_user_id_foreign FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_foreign FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE graphile_worker._private_job_queues ENABLE ROW LEVEL SECURITY;

ALTER TABLE graphile_worker._private_jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE graphile_worker._private_known_crontabs ENABLE ROW LEVEL SECURITY;

ALTER TABLE graphile_worker._private_tasks ENABLE ROW LEVEL SECURITY;

