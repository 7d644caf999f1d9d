-- Made by test/upgrades/make-dump.ts from commit 1efd6ac. Its secrets open nothing else.


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

SET default_tablespace = '';

SET default_table_access_method = heap;

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
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.migrations ALTER COLUMN id SET DEFAULT nextval('public.migrations_id_seq'::regclass);

INSERT INTO public.migrations VALUES
	(1, '20261123211253-users-and-sessions', '2026-11-28 08:20:13.576776+00'),
	(2, '20261123224500-revocation-notices', '2026-11-28 08:20:13.576776+00');

INSERT INTO public.sessions VALUES
	('01a2213d-a81b-77dd-909d-b2823ff3aa15', '01a2213d-a0a9-70b0-9335-c669889c64a9', '\x04fff0038a32566635fe096c55eb437c58c7a595dedd48077f0d7cd99b1fd0dd', '\x27b70602b4e3f937863507b2649a5c22551bf81096ee680ace0c684ac10c2c97', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '127.0.0.1', '2026-11-28 08:20:18.578155+00', '2026-11-28 08:20:18.602007+00', '2026-11-28 08:20:18.578155+00', '2026-12-28 08:20:18.578155+00', '2027-05-27 08:20:18.578155+00'),
	('01a2213d-a8d8-719c-92ce-6d72f6288107', '01a2213d-a746-770f-ac1e-496f69174468', '\x4735609b6351f8197fddd66e8f804121807d0b5adab1a7584634213f832d5a9b', '\x99a94f8d0899bd598c5635036fac4556320c731681566eeb8c5a3eba656bc946', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', '127.0.0.1', '2026-11-28 08:20:18.772438+00', '2026-11-28 08:20:18.78326+00', '2026-11-28 08:20:18.772438+00', '2026-12-28 08:20:18.772438+00', '2027-05-27 08:20:18.772438+00');

INSERT INTO public.users VALUES
	('01a2213d-a0a9-70b0-9335-c669889c64a9', 'grace', 'grace', 'grace@example.org', 'grace@example.org', '$argon2id$v=19$m=19456,p=1,t=2$il4+OgFeybgLfCtrfAi6dQ$Wzb8peT0NpBzeoCgO+dNixF73Zz/rR+knd/eHSrz8TM', '{ADMIN}', true, NULL, '2026-11-28 08:20:18.578155+00', '2026-11-28 08:20:16.783934+00'),
	('01a2213d-a746-770f-ac1e-496f69174468', 'alan', 'alan', 'alan@example.org', 'alan@example.org', '$argon2id$v=19$m=19456,p=1,t=2$UTFj/DVXtw5+gIY+CJA6jw$dnPdpmaY1QXNF/WM6/1cRkDem6iITRkn6K9b0IZqsRU', '{EDITOR}', true, NULL, '2026-11-28 08:20:18.866143+00', '2026-11-28 08:20:18.42942+00');

SELECT pg_catalog.setval('public.migrations_id_seq', 2, true);

ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (id);

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

CREATE INDEX sessions_user_id_index ON public.sessions USING btree (user_id);

CREATE TRIGGER sessions_changed AFTER UPDATE ON public.sessions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.notify_changed_sessions();

CREATE TRIGGER sessions_deleted AFTER DELETE ON public.sessions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION public.notify_deleted_sessions();

CREATE TRIGGER sessions_truncated AFTER TRUNCATE ON public.sessions FOR EACH STATEMENT EXECUTE FUNCTION public.notify_truncated();

CREATE TRIGGER users_changed AFTER UPDATE ON public.users REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION public.notify_changed_users();

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_foreign FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

