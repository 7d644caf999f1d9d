-- Made by test/upgrades/make-dump.ts from commit 99556bb. Its secrets open nothing else.


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

CREATE FUNCTION public.copy_role_members() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
       begin
         delete from role_members where id = new.id;
         insert into role_members (id, role, is_active, email_verified_at, canonical_username, canonical_email)
         select distinct new.id, role, new.is_active, new.email_verified_at, new.canonical_username, new.canonical_email from unnest(new.roles) as role;
         return null;
       end $$;

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
    user_ids := array(
      select old_rows.id from old_rows left join new_rows on new_rows.id = old_rows.id
      where new_rows.id is null
         or new_rows.is_active is distinct from old_rows.is_active or new_rows.roles is distinct from old_rows.roles or new_rows.username is distinct from old_rows.username or new_rows.email is distinct from old_rows.email or new_rows.pending_email is distinct from old_rows.pending_email or new_rows.email_verified_at is distinct from old_rows.email_verified_at);
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

CREATE TABLE public.known_devices (
    user_id uuid NOT NULL,
    digest bytea NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL
);

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

CREATE UNLOGGED TABLE public.rate_limits (
    key text NOT NULL,
    points integer NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.reserved_usernames (
    digest bytea NOT NULL,
    user_id uuid,
    reserved_until timestamp with time zone NOT NULL
);

CREATE TABLE public.role_members (
    id uuid NOT NULL,
    role text NOT NULL,
    is_active boolean NOT NULL,
    email_verified_at timestamp with time zone,
    canonical_username text NOT NULL,
    canonical_email text
);

CREATE TABLE public.roles (
    name text NOT NULL,
    permissions text[] DEFAULT '{}'::text[] NOT NULL,
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
    absolute_expires_at timestamp with time zone NOT NULL,
    actor_session_id uuid,
    CONSTRAINT sessions_impersonation_check CHECK (((actor_session_id IS NULL) OR (cookie_digest IS NULL)))
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
    pending_email text,
    new_device_mail boolean DEFAULT true NOT NULL
);

ALTER TABLE ONLY public.audit_events ALTER COLUMN id SET DEFAULT nextval('public.audit_events_id_seq'::regclass);

ALTER TABLE ONLY public.migrations ALTER COLUMN id SET DEFAULT nextval('public.migrations_id_seq'::regclass);

INSERT INTO graphile_worker._private_jobs OVERRIDING SYSTEM VALUE VALUES
	(1, NULL, 1, '{"template":"verify-address","userId":"01a22148-2fa8-7354-a659-e09e46300687","oneTimeTokenId":"01a22148-2fea-7405-8694-ddf03ba01fd3"}', 0, '2026-11-28 08:31:51.467314+00', 1, 17, 'The mail server could not be asked: ECONNREFUSED (CONN)', '2026-11-28 08:31:48.709481+00', '2026-11-28 08:31:48.709481+00', NULL, NULL, NULL, 0, NULL, DEFAULT),
	(2, NULL, 6, '{"template":"reset-requested","address":"alan@example.org"}', 0, '2026-11-28 08:31:51.48696+00', 1, 17, 'The mail server could not be asked: ECONNREFUSED (CONN)', '2026-11-28 08:31:48.749394+00', '2026-11-28 08:31:48.749394+00', NULL, NULL, NULL, 0, NULL, DEFAULT);

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
	(11, 'mail:token-leaked'),
	(12, 'mail:roles-changed'),
	(13, 'mail:impersonated'),
	(14, 'mail:new-device'),
	(15, 'mail:account-deleted');

INSERT INTO graphile_worker.migrations VALUES
	(1, '2026-11-28 08:31:40.419547+00', true),
	(2, '2026-11-28 08:31:40.436531+00', false),
	(3, '2026-11-28 08:31:40.443857+00', true),
	(4, '2026-11-28 08:31:40.448521+00', false),
	(5, '2026-11-28 08:31:40.452259+00', false),
	(6, '2026-11-28 08:31:40.456777+00', false),
	(7, '2026-11-28 08:31:40.460845+00', false),
	(8, '2026-11-28 08:31:40.464295+00', false),
	(9, '2026-11-28 08:31:40.468554+00', false),
	(10, '2026-11-28 08:31:40.471134+00', false),
	(11, '2026-11-28 08:31:40.47279+00', true),
	(12, '2026-11-28 08:31:40.513914+00', false),
	(13, '2026-11-28 08:31:40.517372+00', true),
	(14, '2026-11-28 08:31:40.52143+00', true),
	(15, '2026-11-28 08:31:40.524604+00', false),
	(16, '2026-11-28 08:31:40.527119+00', true),
	(17, '2026-11-28 08:31:40.533012+00', false),
	(18, '2026-11-28 08:31:40.537738+00', false),
	(19, '2026-11-28 08:31:40.542098+00', true);

INSERT INTO public.audit_events VALUES
	(1, '2026-11-28 08:31:44.787+00', 'ROLES_CHANGED', NULL, NULL, NULL, '{"via": "cli", "role": "EDITOR", "granted": ["users:read"]}', NULL, NULL, NULL, NULL, 1, '2026-11-28 08:31:50.613+00', '\x6a639324a61ba9cd2c855e7f0d2992c388630582ed54a9c7e64936f5640872ac', '\x0e764f1d58c8237653a9f41cb8b0737ba05bcff5c484c9507634b513756102d2', '\x9b6abc5087f5816de60c700567a6d69969ab9fe4054027a71488633488a2d153', '\x4e3d279387acc85fccd237ffded5647b3fcadfba068b91eabc51e3a1f92d8556', '\xe91533df3b4e735808e77f18c3c96c5f1c64a9578f6ba84723920b3985f48f94'),
	(2, '2026-11-28 08:31:46.694+00', 'ACCOUNT_CREATED', '01a22148-27a2-76ec-b51f-99922f365ca5', NULL, NULL, '{"via": "cli", "roles": ["ADMIN"]}', NULL, NULL, NULL, NULL, 2, '2026-11-28 08:31:50.613+00', '\x5b940fc0a35d36e518235f75ee9a1797a72626663ae73a0b554dc79246931ee5', '\x559fbf483f089f7b4b7a826e5a5316db58a197827aad3c883a19e2e4095b59d9', '\x0412d6e6b42da0be30308ef80c0d1ed6fa9e29f0f345d1c3f6838e5078bfe8dc', '\x56c5c46db1a9d338e9222e33f1e4d5dda3bbde0551165e7abd1a6ed8b788213f', '\x116afbe163dd8fc4c8872e25354320c2f3b4b0e736f38ea9373c49ac5b65e37a'),
	(3, '2026-11-28 08:31:48.254+00', 'ACCOUNT_CREATED', '01a22148-2de1-759b-ad64-eb2fcf46a4f2', NULL, NULL, '{"via": "cli", "roles": ["EDITOR"]}', NULL, NULL, NULL, NULL, 3, '2026-11-28 08:31:50.613+00', '\x60f517c4c7cbde28821cc99af3af2bed2242f1db882a8e32326f839b6044b3a7', '\x435391139a719dfcb75654048009c2ac38d7fd9d2b4c4b9ae425991a5ab11e4a', '\xb432f339816264e5ba50e9549299a68493933669246f54927808bdf76036fbbd', '\x505a6d6f59136cbb1c8f361d205edc3937c770fdaf08bb7c3299fa6eaa99f92f', '\xb8368734d53ea18f3e31895a4aad0816d2f36d2ed07fbc560ca025a591de697e'),
	(4, '2026-11-28 08:31:48.374+00', 'LOGIN_SUCCEEDED', '01a22148-27a2-76ec-b51f-99922f365ca5', '01a22148-27a2-76ec-b51f-99922f365ca5', '01a22148-2e8d-70e7-b8c2-424f1a25598f', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 4, '2026-11-28 08:31:50.613+00', '\xc19b8e782f0dde78d9aebe900ba943444fefea9619005c5dd384fc2c1567698d', '\x85630b5a91432094514b16cc8fb01f6a627dcc77c17c8d9a9b418aa0b79714b4', '\x42eba4a5e698ccd2ff7d1040c39d4bb1a246d5cc6d95b9bfad654a330f888cd8', '\x478a91208f5c012b6c54d838a6a01047ea17f69ef16bb46603b6ea84fe210123', '\x6b296a24c743c840596e77aa06f3d5e483b3b5098a4e801d78086bb84548b63d'),
	(5, '2026-11-28 08:31:48.45+00', 'LOGIN_FAILED', '01a22148-27a2-76ec-b51f-99922f365ca5', NULL, NULL, '{"reason": "WRONG_PASSWORD"}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, 'fcQSpDhAAuoHUktlnE8NRHltAVh6tYTEIBTTThMF4Ds.1995394', 5, '2026-11-28 08:31:50.613+00', '\xa4ce72d318597f5c6236ac5d8ed261d54a05c201d30cdaa23ee1d4c2405161bb', '\xdecad84d624352dd90f1d80e1358f98d2063dbab4e065d129412db198e8008f7', '\xc2d01e514202e31236dc3ab3db7e9167508799ae8bb850384a416a3b403712ce', '\x46caeb0a8f5c9ba01e73618512fd50818b4e21c5583ee286fcd4aeedcaad94a7', '\x1d3a93eb6fe6f07550c7a808391d62b5038c19a8c0ad7a1db1fa808c4a203700'),
	(6, '2026-11-28 08:31:48.516+00', 'LOGIN_SUCCEEDED', '01a22148-2de1-759b-ad64-eb2fcf46a4f2', '01a22148-2de1-759b-ad64-eb2fcf46a4f2', '01a22148-2f1d-720b-8b4c-06e7c8c31f50', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 6, '2026-11-28 08:31:50.613+00', '\x792363f73fb79115fe8651d1ccac17d0b53c4fb98dcf1b1502be51d64ca0e792', '\x78b8ba9bb29bb994a004a6587662052acbde0e5ce8e741296c17c62d7cc25fdd', '\x8aa243dcd19e2a4d9c4c29d46c0b5e8e67bec762b5e0b797860074b671121ce8', '\x6b006cc767e32d6f73c0c635e12c434eee8f32c79042ad0ffd1db46859194408', '\x5b4fe39c561f5808ab06953bace846cacb8c5bafd31c93f1c04dc4b8beeb7396'),
	(7, '2026-11-28 08:31:48.579+00', 'LOGIN_SUCCEEDED', '01a22148-2de1-759b-ad64-eb2fcf46a4f2', '01a22148-2de1-759b-ad64-eb2fcf46a4f2', '01a22148-2f60-74f8-8d21-0b5f8ef48aa3', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 7, '2026-11-28 08:31:50.613+00', '\x2fd93ded74e6107391d8532f1525e38e8d158bd95ee7af1a8b5f727c99922f8a', '\xfcdc5102c3f464a5a79015c924b62f3fac3a3781008cd6492d9999214df4729a', '\x824cd245e8d4dd240ac0a16455c109014ad1fac9df34d96bffcdaaf4657689cd', '\x3bc0a606a93b5d97ce6c99da6cc21d4ee0193b882cd14fe9e7715c6cfa26f030', '\x8f0d0fc4d806d0eb491af0dabf761029d416170ae3c23ab5309ca30fcb0c25d7'),
	(8, '2026-11-28 08:31:48.596+00', 'LOGOUT', '01a22148-2de1-759b-ad64-eb2fcf46a4f2', '01a22148-2de1-759b-ad64-eb2fcf46a4f2', '01a22148-2f60-74f8-8d21-0b5f8ef48aa3', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 8, '2026-11-28 08:31:50.613+00', '\x16c1047ca7afc7497495fba199be10888a7c8d194b83210a4d462ae7e0f54f7d', '\x02685a64b7d8e1c87004558d7f8354badb54a61f04395ef30e8bf169809a45ba', '\x0ab6f58aa3f25a4b483c443830237253aee93ac040931c5bd0ae7f52122fdd15', '\xa60a617719177360266f9707158408493b726ec007a118b5d08c314b755c0b4e', '\xc5575816154aabe71cae58e5ff6cf37242ee9bb224a1bd86430e736bf469a86e'),
	(9, '2026-11-28 08:31:48.714+00', 'ACCOUNT_REGISTERED', '01a22148-2fa8-7354-a659-e09e46300687', '01a22148-2fa8-7354-a659-e09e46300687', NULL, '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 9, '2026-11-28 08:31:50.613+00', '\x1cc875212dc8e3a1fb2e06fc7b12b073900540689f9d5c4732677a52d59c6521', '\xd66debfccff663fa8ecede2bb0e44b5198b08eed215d3fc893a1b3f43a4f3aa0', '\x978b0357900a7341b35ee45a1ceedfbb1c14e4d9428f6b2725a0b2c93c46b504', '\xd062f247ce16dbc2b6cb55973307006e642b7538f4ab3cb0d235741226167d4b', '\x4c568835feac01d23f05d0383ca26f9e22e474f0c96fab57c791df5d9f73345b');

INSERT INTO public.known_devices VALUES
	('01a22148-27a2-76ec-b51f-99922f365ca5', '\xbdf63129771e31c9e6b0def0d7ff97f8841f45ed11c632c2211124dc1f72e164', '2026-11-28 08:31:48.369+00'),
	('01a22148-2de1-759b-ad64-eb2fcf46a4f2', '\x1713558957fe504fb3c6cea88d9059f2ec0eded97f9bb3fecaecb45dcd3c178f', '2026-11-28 08:31:48.51054+00');

INSERT INTO public.migrations VALUES
	(1, '20261123211253-users-and-sessions', '2026-11-28 08:31:40.130015+00'),
	(2, '20261123224500-revocation-notices', '2026-11-28 08:31:40.130015+00'),
	(3, '20261125043608-audit-events', '2026-11-28 08:31:40.130015+00'),
	(4, '20261125043903-one-time-tokens', '2026-11-28 08:31:40.130015+00'),
	(5, '20261125070312-pending-email', '2026-11-28 08:31:40.130015+00'),
	(6, '20261125072146-access-tokens', '2026-11-28 08:31:40.130015+00'),
	(7, '20261125131930-roles', '2026-11-28 08:31:40.130015+00'),
	(8, '20261125132857-known-devices', '2026-11-28 08:31:40.130015+00'),
	(9, '20261125133554-rate-limits', '2026-11-28 08:31:40.130015+00'),
	(10, '20261125133737-account-lists', '2026-11-28 08:31:40.130015+00'),
	(11, '20261125133745-impersonations', '2026-11-28 08:31:40.130015+00'),
	(12, '20261125141500-verified-address-notices', '2026-11-28 08:31:40.130015+00'),
	(13, '20261125141547-reserved-usernames', '2026-11-28 08:31:40.130015+00');

INSERT INTO public.one_time_tokens VALUES
	('01a22148-2fea-7405-8694-ddf03ba01fd3', 'verify-address', '\x8a39fd3b2ddd343e1f9485d3916a23efbcaf7932dddec2784e7021649ff2251d', '01a22148-2fa8-7354-a659-e09e46300687', 'ada@example.org', '2026-11-29 08:31:48.709481+00', '2026-11-28 08:31:48.709481+00'),
	('01a22148-3015-7503-aa15-e71933038be9', 'reset-password', '\xa61d731e5882b87825c16edb753f898afab747e6f8500ea97558818ff2e265b4', '01a22148-2de1-759b-ad64-eb2fcf46a4f2', 'alan@example.org', '2026-11-28 09:01:48.754716+00', '2026-11-28 08:31:48.754716+00');

INSERT INTO public.rate_limits VALUES
	('login.account:iJemjN2EvOp3HaC4b2VJjgCMm1c3V3GFIDTsDBt58-Y', 1, '2026-11-28 08:46:48.393859+00'),
	('login.address:XPrf3vQaxbZyNI-Fl0xxJyoDWL3KWOk4C0corOrjdxA', 4, '2026-11-28 08:32:48.307402+00'),
	('register.address:XPrf3vQaxbZyNI-Fl0xxJyoDWL3KWOk4C0corOrjdxA', 1, '2026-11-28 09:31:48.621662+00'),
	('mail.account:wD_2UJ5oGBjdHIqBdszZdvS3XIrWCwNdk5NEX7dgSdk', 1, '2026-11-28 09:31:48.708636+00'),
	('reset.address:XPrf3vQaxbZyNI-Fl0xxJyoDWL3KWOk4C0corOrjdxA', 1, '2026-11-28 09:31:48.742955+00'),
	('mail.account:v_d3kRsBFgUAUy-loWow1BDDtDvqU5UOEVxxgXqgGCQ', 1, '2026-11-28 09:31:48.746155+00');

INSERT INTO public.role_members VALUES
	('01a22148-27a2-76ec-b51f-99922f365ca5', 'ADMIN', true, '2026-11-28 08:31:46.677846+00', 'grace', 'grace@example.org'),
	('01a22148-2de1-759b-ad64-eb2fcf46a4f2', 'EDITOR', true, '2026-11-28 08:31:48.244147+00', 'alan', 'alan@example.org');

INSERT INTO public.roles VALUES
	('EDITOR', '{users:read}', '2026-11-28 08:31:44.774355+00');

INSERT INTO public.sessions VALUES
	('01a22148-2e8d-70e7-b8c2-424f1a25598f', '01a22148-27a2-76ec-b51f-99922f365ca5', '\xa7fa589a6801eef1575e188ddca84800a964c23c9094e40bce326cdc6bba35a9', '\x33fd26a30f97111cc7f81d8d35bc697a2047c26c056d741ddd50ad78a66286f5', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '127.0.0.1', '2026-11-28 08:31:48.369+00', '2026-11-28 08:31:48.378164+00', '2026-11-28 08:31:48.369+00', '2026-12-28 08:31:48.369+00', '2027-05-27 08:31:48.369+00', NULL),
	('01a22148-2f1d-720b-8b4c-06e7c8c31f50', '01a22148-2de1-759b-ad64-eb2fcf46a4f2', '\xf6fb64d25ab055ffa47af2927e93ebe70676d606c26f2c41478d888d318601ec', '\x206281833ec4a36538c07dfc1d30d8c20ffe8598ec604286f1dd6c6b3dc42ab3', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '127.0.0.1', '2026-11-28 08:31:48.51054+00', '2026-11-28 08:31:48.518554+00', '2026-11-28 08:31:48.51054+00', '2026-12-28 08:31:48.51054+00', '2027-05-27 08:31:48.51054+00', NULL);

INSERT INTO public.users VALUES
	('01a22148-27a2-76ec-b51f-99922f365ca5', 'grace', 'grace', 'grace@example.org', 'grace@example.org', '$argon2id$v=19$m=19456,p=1,t=2$gHk/isLUunVTRvbIsxCcZA$i7O+UEVoFawfQqhQUOTrOwTYiA7rfZPByzTTMe80gtc', '{ADMIN}', true, '2026-11-28 08:31:46.677846+00', '2026-11-28 08:31:48.369+00', '2026-11-28 08:31:46.677846+00', NULL, true),
	('01a22148-2de1-759b-ad64-eb2fcf46a4f2', 'alan', 'alan', 'alan@example.org', 'alan@example.org', '$argon2id$v=19$m=19456,p=1,t=2$SXfG/6UnWFEZJTr84UDfGw$9BC1IkoUrzSTYtbc0QZIErp+PG3lG/RpH8gNYBHZCTI', '{EDITOR}', true, '2026-11-28 08:31:48.244147+00', '2026-11-28 08:31:48.577262+00', '2026-11-28 08:31:48.244147+00', NULL, true),
	('01a22148-2fa8-7354-a659-e09e46300687', 'ada', 'ada', 'ada@example.org', 'ada@example.org', '$argon2id$v=19$m=19456,p=1,t=2$yOqvot0othQTpDOpfr7DNQ$kPj3nWSsBWjNWAeMHSdHVmpuYjB4ubI6I3A4R4SU8lA', '{}', true, NULL, NULL, '2026-11-28 08:31:48.709481+00', NULL, true);

SELECT pg_catalog.setval('graphile_worker.job_queues_id_seq', 1, false);

SELECT pg_catalog.setval('graphile_worker.jobs_id_seq1', 2, true);

SELECT pg_catalog.setval('graphile_worker.tasks_id_seq', 17, true);

SELECT pg_catalog.setval('public.audit_events_id_seq', 9, true);

SELECT pg_catalog.setval('public.migrations_id_seq', 13, true);

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

ALTER TABLE ONLY public.known_devices
    ADD CONSTRAINT known_devices_pkey PRIMARY KEY (user_id, digest);

ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.one_time_tokens
    ADD CONSTRAINT one_time_tokens_digest_unique UNIQUE (digest);

ALTER TABLE ONLY public.one_time_tokens
    ADD CONSTRAINT one_time_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.rate_limits
    ADD CONSTRAINT rate_limits_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.reserved_usernames
    ADD CONSTRAINT reserved_usernames_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY public.role_members
    ADD CONSTRAINT role_members_pkey PRIMARY KEY (id, role);

ALTER TABLE ONLY public.roles
    ADD CONSTRAINT roles_pkey PRIMARY KEY (name);

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

CREATE INDEX known_devices_last_seen_at_index ON public.known_devices USING btree (last_seen_at);

CREATE INDEX one_time_tokens_expires_at_index ON public.one_time_tokens USING btree (expires_at);

CREATE INDEX one_time_tokens_user_id_index ON public.one_time_tokens USING btree (user_id);

CREATE INDEX rate_limits_expires_at_index ON public.rate_limits USING btree (expires_at);

CREATE INDEX reserved_usernames_reserved_until_index ON public.reserved_usernames USING btree (reserved_until);

CREATE INDEX reserved_usernames_user_id_index ON public.reserved_usernames USING btree (user_id);

CREATE INDEX role_members_addresses_index ON public.role_members USING btree (role, is_active, ((email_verified_at IS NOT NULL)), canonical_email COLLATE "C");

CREATE INDEX role_members_newest_index ON public.role_members USING btree (role, is_active, ((email_verified_at IS NOT NULL)), id);

CREATE INDEX role_members_usernames_index ON public.role_members USING btree (role, is_active, ((email_verified_at IS NOT NULL)), canonical_username COLLATE "C");

CREATE UNIQUE INDEX sessions_actor_session_id_unique ON public.sessions USING btree (actor_session_id) WHERE (actor_session_id IS NOT NULL);

CREATE INDEX sessions_user_id_index ON public.sessions USING btree (user_id);

CREATE INDEX users_addresses_index ON public.users USING btree (is_active, ((email_verified_at IS NOT NULL)), canonical_email COLLATE "C");

CREATE INDEX users_newest_index ON public.users USING btree (is_active, ((email_verified_at IS NOT NULL)), id);

CREATE INDEX users_usernames_index ON public.users USING btree (is_active, ((email_verified_at IS NOT NULL)), canonical_username COLLATE "C");

CREATE TRIGGER access_tokens_changed AFTER UPDATE ON public.access_tokens REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.notify_changed_access_tokens();

CREATE TRIGGER access_tokens_deleted AFTER DELETE ON public.access_tokens REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.notify_deleted_access_tokens();

CREATE TRIGGER access_tokens_truncated AFTER TRUNCATE ON public.access_tokens FOR EACH STATEMENT EXECUTE FUNCTION public.notify_truncated();

CREATE TRIGGER role_members_added AFTER INSERT ON public.users FOR EACH ROW WHEN ((new.roles <> '{}'::text[])) EXECUTE FUNCTION public.copy_role_members();

CREATE TRIGGER role_members_changed AFTER UPDATE OF roles, is_active, email_verified_at, canonical_username, canonical_email ON public.users FOR EACH ROW WHEN (((new.roles <> '{}'::text[]) OR (old.roles <> '{}'::text[]))) EXECUTE FUNCTION public.copy_role_members();

CREATE TRIGGER roles_changed AFTER INSERT OR DELETE OR UPDATE OR TRUNCATE ON public.roles FOR EACH STATEMENT EXECUTE FUNCTION public.notify_truncated();

CREATE TRIGGER sessions_changed AFTER UPDATE ON public.sessions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.notify_changed_sessions();

CREATE TRIGGER sessions_deleted AFTER DELETE ON public.sessions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.notify_deleted_sessions();

CREATE TRIGGER sessions_truncated AFTER TRUNCATE ON public.sessions FOR EACH STATEMENT EXECUTE FUNCTION public.notify_truncated();

CREATE TRIGGER users_changed AFTER UPDATE ON public.users REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.notify_changed_users();

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_user_id_foreign FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.known_devices
    ADD CONSTRAINT known_devices_user_id_foreign FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.one_time_tokens
    ADD CONSTRAINT one_time_tokens_user_id_foreign FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reserved_usernames
    ADD CONSTRAINT reserved_usernames_user_id_foreign FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.role_members
    ADD CONSTRAINT role_members_id_foreign FOREIGN KEY (id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_actor_session_id_foreign FOREIGN KEY (actor_session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_foreign FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE graphile_worker._private_job_queues ENABLE ROW LEVEL SECURITY;

ALTER TABLE graphile_worker._private_jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE graphile_worker._private_known_crontabs ENABLE ROW LEVEL SECURITY;

ALTER TABLE graphile_worker._private_tasks ENABLE ROW LEVEL SECURITY;

