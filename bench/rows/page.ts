// Inserts users and security events to list, by SQL. Rare rows are equally few in a table of any size, and the oldest: the worst case for a list with the newest first.
import type pg from "pg";

/** How many of each rare kind. */
const rare = 100;

/**
 * The first `rare` users are deactivated, unverified, hold a role, and have different names from the rest.
 */
export const fillUsers = async (database: pg.Pool, count: number): Promise<void> => {
  await database.query(
    `insert into users (id, username, canonical_username, email, canonical_email, roles, is_active, email_verified_at)
     select ('01800000-' || lpad(to_hex(number >> 16), 4, '0') || '-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid,
       name, name, name || '@example.com', name || '@example.com',
       case when number < $2 then '{RARE}' when number % 2 = 0 then '{COMMON}' else '{}' end::text[],
       number >= $2, case when number >= $2 then now() end
     from generate_series(0, $1::int - 1) as number,
       lateral (select case when number < $2 then 'rare' else 'user' end || number as name) as named`,
    [count, rare],
  );
  await database.query("vacuum analyze users");
  await database.query("vacuum analyze role_members");
};

/**
 * Marked as sealed, as far as visible without verification: the server would otherwise seal them during the
 * measurement.
 */
export const fillEvents = async (database: pg.Pool, count: number): Promise<void> => {
  await database.query(
    `insert into audit_events (type, user_id, actor_id, sequence, sealed_at, mac)
     select case when number <= $2 then 'ROLES_CHANGED' else 'LOGIN_SUCCEEDED' end, owner, owner, number + $2::bigint, now(), sha256('mac')
     from generate_series(1, $1::int) as number,
       lateral (select case when number <= $2 then $3::uuid else gen_random_uuid() end as owner) as owned`,
    [count, rare, rareOwner],
  );
  await database.query("vacuum analyze audit_events");
};

/** The user with the oldest events. */
export const rareOwner = "01800000-0000-7000-8000-000000000000";
