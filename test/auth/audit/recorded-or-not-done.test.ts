import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deriveMailedCodeKeys } from "../../../src/auth/challenges/code-secrets.ts";
import { hashPassword } from "../../../src/auth/passwords/hash.ts";
import { deriveOneTimeKeys } from "../../../src/auth/secrets/one-time-tokens.ts";
import { createSealer, factorSealing } from "../../../src/auth/secrets/sealed.ts";
import { Client } from "../../harness/client.ts";
import { addPerson, mutations, password, type Stage } from "../../harness/mutations.ts";
import { type App, startApp } from "../../harness/server.ts";

let app: App;
let stage: Stage;
const answers = new Map<string, Outcome>();

/** They ask for mail or prepare a proof, and change nothing. */
const unrecorded = [
  "resendVerification",
  "requestPasswordReset",
  "changeEmail",
  "startTotp",
  "startReauthentication",
  "startPasskey",
  "startPasskeyLogin",
  "requestLoginCode",
  "renamePasskey",
];

interface Outcome {
  readonly codes: readonly string[];
  readonly done: readonly boolean[];
}

beforeAll(async () => {
  const secret = "of the server whose audit trail is full";
  app = await startApp({ SESSION_SECRET: secret, LOGIN_CODES: "on" });
  const passwordHash = await hashPassword(password);
  const base = {
    database: app.database,
    keys: deriveOneTimeKeys([secret]),
    passwordHash,
    sealer: createSealer([secret], factorSealing),
    codeKeys: deriveMailedCodeKeys([secret]),
    origin: app.origin,
  };
  stage = { ...base, administrator: await addPerson(base, { roles: ["ADMIN"] }) };

  const acts = await Promise.all(
    Object.entries(mutations(passwordHash)).map(async ([name, prepare]) => ({
      name,
      ...(await prepare(stage)),
    })),
  );
  await sql`alter table audit_events add constraint full_disk check (false) not valid`.execute(app.database);
  for (const { name, token, query, facts } of acts) {
    const { codes } = await new Client(app, { token }).run(`mutation { ${query} }`);
    answers.set(name, { codes, done: await facts() });
  }
});
afterAll(() => app.close());

describe("what cannot be recorded is not done:", () => {
  test.each(Object.keys(mutations("")).filter((name) => !unrecorded.includes(name)))("%s", (name) => {
    const { codes, done } = answers.get(name) ?? { codes: [], done: [] };
    expect([codes, done]).toEqual([["INTERNAL_SERVER_ERROR"], done.map(() => false)]);
  });
});
