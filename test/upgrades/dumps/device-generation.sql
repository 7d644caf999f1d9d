-- Made by test/upgrades/make-dump.ts from commit 5ac474b. Its secrets open nothing else.


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
    new_device_mail boolean DEFAULT true NOT NULL,
    device_generation integer DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.audit_events ALTER COLUMN id SET DEFAULT nextval('public.audit_events_id_seq'::regclass);

ALTER TABLE ONLY public.migrations ALTER COLUMN id SET DEFAULT nextval('public.migrations_id_seq'::regclass);

INSERT INTO graphile_worker._private_jobs OVERRIDING SYSTEM VALUE VALUES
	(1, NULL, 1, '{"template":"verify-address","userId":"01a22148-6344-7461-9689-0eae72fc41ae","oneTimeTokenId":"01a22148-6346-7224-a150-37be49c8826a"}', 0, '2026-11-28 08:32:12.61075+00', 2, 17, 'The mail server is not available: ECONNREFUSED (CONN)', '2026-11-28 08:32:01.856694+00', '2026-11-28 08:32:01.856694+00', NULL, NULL, NULL, 0, NULL, DEFAULT),
	(2, NULL, 6, '{"template":"reset-requested","address":"alan@example.org"}', 0, '2026-11-28 08:32:12.619558+00', 2, 17, 'The mail server is not available: ECONNREFUSED (CONN)', '2026-11-28 08:32:01.913823+00', '2026-11-28 08:32:01.913823+00', NULL, NULL, NULL, 0, NULL, DEFAULT);

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
	(1, '2026-11-28 08:31:58.74018+00', true),
	(2, '2026-11-28 08:31:58.749356+00', false),
	(3, '2026-11-28 08:31:58.753868+00', true),
	(4, '2026-11-28 08:31:58.757268+00', false),
	(5, '2026-11-28 08:31:58.759964+00', false),
	(6, '2026-11-28 08:31:58.762771+00', false),
	(7, '2026-11-28 08:31:58.766108+00', false),
	(8, '2026-11-28 08:31:58.768658+00', false),
	(9, '2026-11-28 08:31:58.771681+00', false),
	(10, '2026-11-28 08:31:58.773591+00', false),
	(11, '2026-11-28 08:31:58.775002+00', true),
	(12, '2026-11-28 08:31:58.799426+00', false),
	(13, '2026-11-28 08:31:58.801888+00', true),
	(14, '2026-11-28 08:31:58.804477+00', true),
	(15, '2026-11-28 08:31:58.806525+00', false),
	(16, '2026-11-28 08:31:58.808381+00', true),
	(17, '2026-11-28 08:31:58.812452+00', false),
	(18, '2026-11-28 08:31:58.815065+00', false),
	(19, '2026-11-28 08:31:58.818128+00', true);

INSERT INTO public.audit_events VALUES
	(1, '2026-11-28 08:32:00.271+00', 'ROLES_CHANGED', NULL, NULL, NULL, '{"via": "cli", "role": "EDITOR", "granted": ["users:read"]}', NULL, NULL, NULL, NULL, 1, '2026-11-28 08:32:09.166+00', '\xd973df30302a0906ca7f6ea501a38f97407e0267ac5de6c5b81301f1082ec357', '\x22492690af2ecf0882e0a3da87a3c8b902528c218187cfe9ee1fd98ac1c80346', '\xd3c8200933a3255228a909c38b2c6df8e7919033bf1adc803e4f41c6ebaed186', '\x10edbe873126485d86d386cf716d62c486f76ea55357a219014a98b037708d71', '\x0ccbd3d90606c40cc472214de24b9d17dc811b85cf8da325cc54adebb2078165'),
	(2, '2026-11-28 08:32:00.883+00', 'ACCOUNT_CREATED', '01a22148-5f6a-75ea-b6fc-db89d1fa74a0', NULL, NULL, '{"via": "cli", "roles": ["ADMIN"]}', NULL, NULL, NULL, NULL, 2, '2026-11-28 08:32:09.166+00', '\x07cf03271e7562e21317c4bcbc97963b9f0ab6eda731ed7dc5883c6e42917734', '\x1c27c85485d823cff9cc19eed0843d2233a947d497af5825da1cf1f82931ef13', '\x580aab10610a60cdb0cec17496664d528af40ef74885f5baa8301527c3a43395', '\xb2ba506239ef1279948e8078d081d7984f63a2816b779ea0063420a99c6866b2', '\xcb2d73476510cf6a0a141503a8238d5c8376dfd171b62111a0d3f961a8346807'),
	(3, '2026-11-28 08:32:01.359+00', 'ACCOUNT_CREATED', '01a22148-6146-7062-a40f-c6677fedaba8', NULL, NULL, '{"via": "cli", "roles": ["EDITOR"]}', NULL, NULL, NULL, NULL, 3, '2026-11-28 08:32:09.166+00', '\x63b0a4f95233a4681fcfa5f77811d32c15b54f849da2f131681a3a1916eaee41', '\xdc391052a3ecf3dd952c0e57c64c63fe315e7ada25529004e6cb335848b8d6b8', '\x48cd2018a5d41af3cdd8272bf9dc695c8672643fd03a55f8dd47e6d01a4f54c9', '\x2f31746ae963c187bba85f18cfa7d63f98950a87a3eba3a54ab6a1059b2c0b03', '\x7853520b391b51d2746d6b891a13b4e07a3db812486886168e16c59f4df49be3'),
	(4, '2026-11-28 08:32:01.485+00', 'LOGIN_SUCCEEDED', '01a22148-5f6a-75ea-b6fc-db89d1fa74a0', '01a22148-5f6a-75ea-b6fc-db89d1fa74a0', '01a22148-61c1-7456-b160-09a055fc62cc', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 4, '2026-11-28 08:32:09.166+00', '\x899323e0b76529ddf3146302e13da717cd981a8c4713d2c33334452d1cd84d77', '\x4143cd0fbd6662b96f0d76debb79326b76fb8687aa7b3416c3d11c64467e2c32', '\xefbae6ba51cf471a44313c4722cdeae2a62a2683f4a72c218da046f42b06a535', '\x7c864fd1629bc32fb5ec70a57f21341f547020a74ef2f30c553b4c379d3edbdb', '\xb260aacb1695684e6575c5efb00af79e81c9dd465fd4624c64488c19392e9e6d'),
	(5, '2026-11-28 08:32:01.593+00', 'LOGIN_FAILED', '01a22148-5f6a-75ea-b6fc-db89d1fa74a0', NULL, NULL, '{"reason": "WRONG_PASSWORD"}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, 'vAG3v3vp7q0_Zt2MKv0qeuMbFS1u6xlSMdXhBWWKFp8.1995394', 5, '2026-11-28 08:32:09.166+00', '\x08b7ccd4f70af10907775a6e864f8c2221b57a7260fcfd7fbfe6416a099c98ea', '\x0892aa005d7657600ec443506eb84fe710af740e04510e923b4e761c7c6523f0', '\xe265aded09401470cffff6d54ff34ed702ff5efe2a9c09f93ef414698b911d38', '\x24ae5aeeedace73d704f061fb75d81b7e69d166f12724785ab7cdb2357187157', '\xf5c17715bce0af9c14f269c5593f9d2678e953c6c564ea56f520bff346cf567e'),
	(6, '2026-11-28 08:32:01.659+00', 'LOGIN_SUCCEEDED', '01a22148-6146-7062-a40f-c6677fedaba8', '01a22148-6146-7062-a40f-c6677fedaba8', '01a22148-6273-74ad-a8d4-ac2e6d6111d5', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 6, '2026-11-28 08:32:09.166+00', '\x92eb6165f29f60a30d1ddf8a2dc676d729aa94c4efb98c8bdd1b5da9d603361b', '\xb1045a9abcca4dca639e1741d40168c04d9564b938a85f4e02f7c8e56b1bc1dc', '\x8c9855189143419b3488d9b912144858d8df9d8709f2bf88652f90ac0d51148a', '\xea04c57b715756907b26a41246fc654b3fcecb5eae14e9345a46b4b6ae445079', '\x6b6cbaaf4ce85f7a23ea4e0e9a602f422cce44175333312df34101f388c238c5'),
	(7, '2026-11-28 08:32:01.72+00', 'LOGIN_SUCCEEDED', '01a22148-6146-7062-a40f-c6677fedaba8', '01a22148-6146-7062-a40f-c6677fedaba8', '01a22148-62b5-7224-bea3-fbce967b8f7a', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 7, '2026-11-28 08:32:09.166+00', '\x7561bf92156acbdac75c3f3fe3fedf6304a10ec33fadb80a5f49c9681d292e91', '\xde4de5a86d4fcbf05bbb6824bd8c99a38bf22964eeb45ac9945dc03673cf7eb5', '\x1ab265fa491040a41b189eeff2f042c515c34f305f174d0507cdde60ddef75b0', '\x86b591d4eabf289fe2c32332501fdf1b9beb6508a87f10c9547beeb0b55c8eb1', '\x3fa9ca25c362d8892f048bdebc6b60f71978c2e999d1a0435ede5e93d0de4880'),
	(8, '2026-11-28 08:32:01.736+00', 'LOGOUT', '01a22148-6146-7062-a40f-c6677fedaba8', '01a22148-6146-7062-a40f-c6677fedaba8', '01a22148-62b5-7224-bea3-fbce967b8f7a', '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 8, '2026-11-28 08:32:09.166+00', '\x70f0bcaa2c8837af75fdd3557dd5063c6f04ae84d799233bb7674f7a8a851ced', '\x97080cf9fa640c5c4e98c6c7f9ef9566e250676b22da4032486aa598b9928996', '\xc10ef58b92f6b10246e0fe467e30cebd1448a6771e93005aaf71145cd3f23420', '\xd6cdd453fa8fb34c3bb05c1c04a50763adaa4b14c93ef2fef84a1437bf5fa6bf', '\x2ff9a67920e4de3dbb701fc3a4a774941e53d497ae20431d8cc4780941ac0ac9'),
	(9, '2026-11-28 08:32:01.862+00', 'ACCOUNT_REGISTERED', '01a22148-6344-7461-9689-0eae72fc41ae', '01a22148-6344-7461-9689-0eae72fc41ae', NULL, '{}', '127.0.0.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', NULL, NULL, 9, '2026-11-28 08:32:09.166+00', '\x438f9a7e11bd1e4f60f0877ca31bdaa8f676e228110b616eaa121e27c2473393', '\x9e6bde36b81d0722cfafc57bdda2e726ab3630e030ed954cf6b453a3602039e7', '\x593fa08e3047a17e01f489bdd4bbc5c16e9e994544be8c952635500efed1bce7', '\xf7252f5667e56e87b4ac40cda7f4d18fc0ec192dc2b07370547da0c4a731731c', '\x9177e3303587eb82c10ec4645596a9bddadbdaead5f61ced9bb1a726717cc9d0');

INSERT INTO public.known_devices VALUES
	('01a22148-5f6a-75ea-b6fc-db89d1fa74a0', '\x8beb3a88438bc5e75f8d77a4ec977454c1b093d2ff31e7ebe28e10a697d43737', '2026-11-28 08:32:01.479295+00'),
	('01a22148-6146-7062-a40f-c6677fedaba8', '\x5f5d051ff70e08cd82d41aa4a4aa46b9b5e007700b4d70acc2e6253f56624c17', '2026-11-28 08:32:01.653046+00');

INSERT INTO public.migrations VALUES
	(1, '20261123211253-users-and-sessions', '2026-11-28 08:31:58.848948+00'),
	(2, '20261123224500-revocation-notices', '2026-11-28 08:31:58.848948+00'),
	(3, '20261125043608-audit-events', '2026-11-28 08:31:58.848948+00'),
	(4, '20261125043903-one-time-tokens', '2026-11-28 08:31:58.848948+00'),
	(5, '20261125070312-pending-email', '2026-11-28 08:31:58.848948+00'),
	(6, '20261125072146-access-tokens', '2026-11-28 08:31:58.848948+00'),
	(7, '20261125131930-roles', '2026-11-28 08:31:58.848948+00'),
	(8, '20261125132857-known-devices', '2026-11-28 08:31:58.848948+00'),
	(9, '20261125133554-rate-limits', '2026-11-28 08:31:58.848948+00'),
	(10, '20261125133737-account-lists', '2026-11-28 08:31:58.848948+00'),
	(11, '20261125133745-impersonations', '2026-11-28 08:31:58.848948+00'),
	(12, '20261125141500-verified-address-notices', '2026-11-28 08:31:58.848948+00'),
	(13, '20261125141547-reserved-usernames', '2026-11-28 08:31:58.848948+00'),
	(14, '20261126235325-device-generation', '2026-11-28 08:31:58.848948+00');

INSERT INTO public.one_time_tokens VALUES
	('01a22148-6346-7224-a150-37be49c8826a', 'verify-address', '\xb1a47a3ad1d5bc4b2ad67a079d695809dfe76ea4c513d80597da20c4e2c85067', '01a22148-6344-7461-9689-0eae72fc41ae', 'ada@example.org', '2026-11-29 08:32:01.856694+00', '2026-11-28 08:32:01.856694+00'),
	('01a22148-7063-70b8-9826-6c54d832c206', 'reset-password', '\x9fa623ca36e341747022f53685c14ab4789b809a1d61417c14eeadc490ca78f6', '01a22148-6146-7062-a40f-c6677fedaba8', 'alan@example.org', '2026-11-28 09:02:05.212235+00', '2026-11-28 08:32:05.212235+00');

INSERT INTO public.rate_limits VALUES
	('login.account:Uvq8nIeYUuGneD_LNX9M2mrCo6QxqfYyTveDLGP1InY', 1, '2026-11-28 08:47:01.514195+00'),
	('login.ip:vCHm1-vm-VPC_845GUGrjzCUS-HZWIAVDPPsgFO0qoQ', 4, '2026-11-28 08:33:01.415337+00'),
	('register.ip:vCHm1-vm-VPC_845GUGrjzCUS-HZWIAVDPPsgFO0qoQ', 1, '2026-11-28 09:32:01.768673+00'),
	('mail.account:4j6j-7Q5NYjcwRHQvtnylT8amJwoiKQobx1gQgNhXNM', 1, '2026-11-28 09:32:01.855573+00'),
	('reset.ip:vCHm1-vm-VPC_845GUGrjzCUS-HZWIAVDPPsgFO0qoQ', 1, '2026-11-28 09:32:01.885767+00'),
	('mail.account:y0g-a31CP6Ek1POMwXfII-vhEEe7OQri5cKLblbHrWo', 1, '2026-11-28 09:32:01.888624+00');

INSERT INTO public.role_members VALUES
	('01a22148-5f6a-75ea-b6fc-db89d1fa74a0', 'ADMIN', true, '2026-11-28 08:32:00.864178+00', 'grace', 'grace@example.org'),
	('01a22148-6146-7062-a40f-c6677fedaba8', 'EDITOR', true, '2026-11-28 08:32:01.34208+00', 'alan', 'alan@example.org');

INSERT INTO public.roles VALUES
	('EDITOR', '{users:read}', '2026-11-28 08:32:00.26261+00');

INSERT INTO public.sessions VALUES
	('01a22148-61c1-7456-b160-09a055fc62cc', '01a22148-5f6a-75ea-b6fc-db89d1fa74a0', '\xc2cf29752643e700074022226c9ffd67e80515964ad60c0c4ddc6cdd2633e542', '\x0c9ea152145276fcd7b65c2e31ed1ec11ebae595d7251d0cce35c95de7dcfc0a', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '127.0.0.1', '2026-11-28 08:32:01.479295+00', '2026-11-28 08:32:01.491897+00', '2026-11-28 08:32:01.479295+00', '2026-12-28 08:32:01.479295+00', '2027-05-27 08:32:01.479295+00', NULL),
	('01a22148-6273-74ad-a8d4-ac2e6d6111d5', '01a22148-6146-7062-a40f-c6677fedaba8', '\xe0297214aba0e9d21d57ee5fc77ed4fe0888a76ffe8aa2c53b720756f0741fec', '\x8c50671bffea4b293003f820a888e4c5ae9396bd0f9235c6052d2c0563635257', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '127.0.0.1', '2026-11-28 08:32:01.653046+00', '2026-11-28 08:32:01.661983+00', '2026-11-28 08:32:01.653046+00', '2026-12-28 08:32:01.653046+00', '2027-05-27 08:32:01.653046+00', NULL);

INSERT INTO public.users VALUES
	('01a22148-5f6a-75ea-b6fc-db89d1fa74a0', 'grace', 'grace', 'grace@example.org', 'grace@example.org', '$argon2id$v=19$m=19456,p=1,t=2$6iOwDMRYcX1AX+5LiZk9YQ$iGpsPNyTYeTLoWgod5gtO3rKxMkfoJDIWoUcKjQiLJs', '{ADMIN}', true, '2026-11-28 08:32:00.864178+00', '2026-11-28 08:32:01.479295+00', '2026-11-28 08:32:00.864178+00', NULL, true, 0),
	('01a22148-6146-7062-a40f-c6677fedaba8', 'alan', 'alan', 'alan@example.org', 'alan@example.org', '$argon2id$v=19$m=19456,p=1,t=2$snSDtrP/oMXXPJ0gQN5hwg$7WXEMQwMO3wFuRDEBOCFvXxWos2cb6P5C/U5usOrrJM', '{EDITOR}', true, '2026-11-28 08:32:01.34208+00', '2026-11-28 08:32:01.718347+00', '2026-11-28 08:32:01.34208+00', NULL, true, 0),
	('01a22148-6344-7461-9689-0eae72fc41ae', 'ada', 'ada', 'ada@example.org', 'ada@example.org', '$argon2id$v=19$m=19456,p=1,t=2$jlFa7DIIoslLF6/KtsVovQ$1CvfSS4g8nRZ6dyC2wByrpXccZlADUy+Ly1YOK4B8t4', '{}', true, NULL, NULL, '2026-11-28 08:32:01.856694+00', NULL, true, 0);

SELECT pg_catalog.setval('graphile_worker.job_queues_id_seq', 1, false);

SELECT pg_catalog.setval('graphile_worker.jobs_id_seq1', 2, true);

SELECT pg_catalog.setval('graphile_worker.tasks_id_seq', 17, true);

SELECT pg_catalog.setval('public.audit_events_id_seq', 9, true);

SELECT pg_catalog.setval('public.migrations_id_seq', 14, true);

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

