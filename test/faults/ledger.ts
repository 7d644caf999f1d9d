// What the server acknowledged, and the search for what of it is lost, half done, or opens a door.
import { randomBytes } from "node:crypto";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { hashPassword } from "../../src/auth/passwords/hash.ts";
import { digest } from "../../src/auth/secrets/secret.ts";
import { documents } from "./documents.ts";
import type { Requests } from "./requests.ts";

export interface Person {
  readonly username: string;
  /** Two, if nobody knows whether the change from the first to the second was done. */
  passwords: readonly [string] | readonly [string, string];
}

export interface Ledger {
  readonly people: readonly Person[];
  readonly attemptedUsers: Set<string>;
  readonly acknowledgedUsers: Set<string>;
  /** Tokens of acknowledged logins, which nobody has ended since. */
  readonly live: Set<string>;
  /** Tokens whose end was acknowledged, and when. */
  readonly dead: Map<string, number>;
  /** Milliseconds after which an acknowledged end must hold on every server. */
  readonly holdsAfter: number;
  acknowledgedLogins: number;
  acknowledgedEnds: number;
  acknowledgedPasswords: number;
  /** What was found while the traffic ran. */
  readonly lost: string[];
  readonly doors: string[];
}

const firstPassword = "correct horse battery staple";

export const newPassword = (): string => `correct ${randomBytes(6).toString("hex")} battery staple`;

/** With people who can log in. */
export const openLedger = async (
  database: pg.Client,
  { people, holdsAfter = 0 }: { readonly people: number; readonly holdsAfter?: number },
): Promise<Ledger> => {
  const hash = await hashPassword(firstPassword);
  const added: Person[] = [];
  while (added.length < people) added.push(await addPerson(database, hash));
  return {
    people: added,
    attemptedUsers: new Set(),
    acknowledgedUsers: new Set(),
    live: new Set(),
    dead: new Map(),
    holdsAfter,
    acknowledgedLogins: 0,
    acknowledgedEnds: 0,
    acknowledgedPasswords: 0,
    lost: [],
    doors: [],
  };
};

const addPerson = async (database: pg.Client, hash: string): Promise<Person> => {
  const username = `p${randomBytes(8).toString("hex")}`;
  const email = `${username}@example.org`;
  await database.query(
    `insert into graphward.users (id, username, canonical_username, email, canonical_email, email_verified_at, password_hash)
     values ($1, $2, $2, $3, $3, now(), $4)`,
    [uuidv7(), username, email, hash],
  );
  return { username, passwords: [firstPassword] };
};

export const countAcknowledged = (ledger: Ledger): number =>
  ledger.acknowledgedUsers.size +
  ledger.acknowledgedLogins +
  ledger.acknowledgedEnds +
  ledger.acknowledgedPasswords;

/** The last tokens that every server must refuse. */
export const findDead = ({ dead, holdsAfter }: Ledger, most: number): readonly string[] => {
  const latest = performance.now() - holdsAfter;
  return [...dead]
    .slice(-100)
    .flatMap(([token, since]) => (since <= latest ? [token] : []))
    .slice(-most);
};

/** Once the traffic has stopped, and the fault is over. What it has found is not found again. */
export const settle = async (
  ledger: Ledger,
  { database, requests }: { readonly database: pg.Client; readonly requests: Requests },
): Promise<{ readonly lost: readonly string[]; readonly doors: readonly string[] }> => {
  const lost = [...ledger.lost.splice(0), ...(await findLostUsers(ledger, database))];
  const doors = ledger.doors.splice(0);

  const [live, dead] = [[...ledger.live], [...ledger.dead.keys()]];
  const stored = await findStored(database, [...live, ...dead]);
  // One that goes on may have ended it meanwhile.
  for (const token of live) if (!stored.has(token) && ledger.live.delete(token)) lost.push("a session");
  for (const token of dead)
    if (stored.has(token)) {
      ledger.dead.delete(token);
      doors.push("an ended session is stored");
    }
  for (const token of findDead(ledger, 20))
    for (const reply of await requests.askAll(documents.readPrivately, { token }))
      if (reply?.status !== 401) doors.push(`a dead token is answered with ${reply?.status}`);

  for (const { username, passwords } of ledger.people) {
    const open = await Promise.all(passwords.map((password) => canLogIn(requests, username, password)));
    const opening = open.filter(Boolean).length;
    if (opening === 0) lost.push(`the password of ${username}`);
    if (opening > 1) doors.push("an old password opens an account");
  }
  return { lost, doors };
};

/** Lost, or without all that belongs to a registration. */
const findLostUsers = async (
  { attemptedUsers, acknowledgedUsers }: Ledger,
  database: pg.Client,
): Promise<readonly string[]> => {
  const { rows } = await database.query<{ username: string; is_whole: boolean }>(
    `select username,
       exists (select from graphward.audit_events where user_id = users.id and type = 'ACCOUNT_REGISTERED')
         and exists (select from graphward.one_time_tokens where user_id = users.id) as is_whole
     from graphward.users where username = any($1)`,
    [[...attemptedUsers]],
  );
  const found = new Set(rows.map(({ username }) => username));
  const halves = rows.flatMap(({ username, is_whole }) => (is_whole ? [] : [username]));
  const missing = [...acknowledgedUsers].filter((username) => !found.has(username));
  for (const username of [...halves, ...missing]) {
    attemptedUsers.delete(username);
    acknowledgedUsers.delete(username);
  }
  return [
    ...halves.map((username) => `half of the registration of ${username}`),
    ...missing.map((username) => `the user ${username}`),
  ];
};

const findStored = async (database: pg.Client, tokens: readonly string[]): Promise<ReadonlySet<string>> => {
  const digests = new Map(tokens.map((token) => [digest(token).toString("hex"), token]));
  const { rows } = await database.query<{ digest: string }>(
    "select encode(token_digest, 'hex') as digest from graphward.sessions where encode(token_digest, 'hex') = any($1)",
    [[...digests.keys()]],
  );
  return new Set(rows.map((row) => digests.get(row.digest) ?? ""));
};

/** Asks again while the server hesitates: that is for another check. */
const canLogIn = async (requests: Requests, username: string, password: string): Promise<boolean> => {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const reply = await requests.ask(documents.logIn, { variables: { username, password } });
    if (reply?.status !== 200) continue;
    return reply.codes.length === 0;
  }
  throw new Error("The server answers no login.");
};
