import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { minutes } from "../../../src/time.ts";
import { Client } from "../../harness/client.ts";
import { manyRuns } from "../../harness/runs.ts";
import { type App, startApp, type User } from "../../harness/server.ts";
import { codeOf, enrolTotp } from "../../harness/sign-in/second-factors.ts";
import {
  ChangePasswordDocument,
  CompleteLoginDocument,
  ConfirmTotpDocument,
  DeactivateUserDocument,
  LogInDocument,
  LogOutDocument,
  LogOutEverywhereDocument,
  ReactivateUserDocument,
  ReauthenticateDocument,
  ReauthenticateWithDocument,
  RegisterDocument,
  RemoveTotpDocument,
  ResetSecondFactorsDocument,
  RevokeOtherSessionsDocument,
  StartTotpDocument,
  ViewerDocument,
} from "../../operations/generated/graphql.ts";

/** The runs of each property. `npm run test:long` makes a hundred, and `npm run test:guards` what finds a broken guard. */
const runs = manyRuns(4);

/** What is known of one login, from outside: the credential that it gave, and whether it should still open anything. */
interface Login {
  /** As it was captured: nobody logs out with it, and nothing replaces it. */
  readonly thief: Client;
  readonly sessionOf: "browser" | "app";
  isAlive: boolean;
  /** Whether its session has proven a second factor. */
  hasFactor: boolean;
}

/** A login that waits for its second step. */
interface Pending {
  readonly client: Client;
  readonly pendingToken: string;
  readonly secret: string;
}

/** One account, seen from a browser with a cookie and an app with a token. */
interface Model {
  /** Null until somebody registers it. */
  id: string | null;
  isActive: boolean;
  password: string;
  /** The secret of the authenticator app. Null without a second factor. */
  secret: string | null;
  pending: Pending | null;
  readonly logins: Login[];
  readonly current: { browser: Login | null; app: Login | null };
}

interface Real {
  readonly app: App;
  readonly username: string;
  readonly administrator: Client;
  readonly clients: { readonly browser: Client; readonly app: Client };
}

type Device = "browser" | "app";
type Step = (model: Model, real: Real) => Promise<void>;

const capture = ({ app }: Real, device: Device, client: Client): Login => {
  const thief = new Client(app);
  for (const [name, value] of client.cookies) thief.cookies.set(name, value);
  thief.token = client.token;
  return { thief, sessionOf: device, isAlive: true, hasFactor: false };
};

const begin = (model: Model, real: Real, device: Device, hasFactor = model.secret !== null): void => {
  const login = { ...capture(real, device, real.clients[device]), hasFactor };
  model.logins.push(login);
  model.current[device] = login;
};

const end = (login: Login | null): void => {
  if (login) login.isAlive = false;
};
const endAll = (model: Model): void => {
  model.logins.forEach(end);
  model.pending = null;
};

/** As if the next half minute had come: a code works once. */
const letCodesBeNew = ({ app }: Pick<Real, "app">, id: string | null) =>
  app.database.updateTable("totp_factors").set({ last_step: 0 }).where("user_id", "=", id).execute();

const complete = async (real: Real, model: Model, client: Client, { pendingToken, secret }: Pending) => {
  await letCodesBeNew(real, model.id);
  return client.run(CompleteLoginDocument, { pendingToken, code: codeOf(secret) });
};

const isAlive = (model: Model, device: Device): boolean => model.current[device]?.isAlive === true;

/** An app whose token is over forgets it, as docs/clients.md tells it to: the whole request would be refused. */
const forgetDeadToken = (model: Model, { clients }: Real): void => {
  if (!isAlive(model, "app")) clients.app.token = null;
};

const uniqueName = (): string => `model-${randomBytes(6).toString("hex")}`;

/** Once it makes the account. Whoever comes after that with its address is told the same, and changes nothing. */
const register: Step = async (model, { app, username }) => {
  const isFirst = model.id === null;
  const { codes } = await new Client(app).run(RegisterDocument, {
    input: {
      username: isFirst ? username : uniqueName(),
      email: `${username}@example.org`,
      password: isFirst ? model.password : "a passphrase of somebody else",
    },
  });
  expect(codes).toEqual([]);
  const { id } = await app.database
    .selectFrom("users")
    .select("id")
    .where("username", "=", username)
    .executeTakeFirstOrThrow();
  expect(model.id ?? id).toBe(id);
  model.id = id;
  // A second factor needs it.
  const verified = { email_verified_at: sql<Date>`now()` };
  await app.database.updateTable("users").set(verified).where("id", "=", id).execute();
};

const logIn =
  (device: Device, isRight: boolean): Step =>
  async (model, real) => {
    forgetDeadToken(model, real);
    const before = model.current[device];
    const client = real.clients[device];
    const { codes, data } = await client.run(LogInDocument, {
      username: real.username,
      password: isRight ? model.password : "a password that nobody has",
      mode: device === "browser" ? "SESSION" : "TOKEN",
    });
    if (model.id === null || !model.isActive || !isRight) {
      expect(codes).toEqual(["INVALID_CREDENTIALS"]);
      return;
    }
    expect(codes).toEqual([]);
    const challenge = data?.login?.challenge ?? null;
    expect(challenge !== null).toBe(model.secret !== null);
    let token = data?.login?.token ?? null;
    if (challenge !== null && model.secret !== null) {
      const { pendingToken } = challenge;
      const completed = await complete(real, model, client, { client, pendingToken, secret: model.secret });
      expect(completed.codes).toEqual([]);
      token = completed.data?.completeLogin?.token ?? null;
    }
    // The session of the cookie that came along ends; another token leaves the first alone.
    if (device === "browser") end(before);
    else client.token = token;
    begin(model, real, device);
  };

/** Gives the password and leaves it at that. */
const beginLogin: Step = async (model, { app, username }) => {
  if (model.id === null || !model.isActive || model.secret === null) return;
  const client = new Client(app);
  const { data } = await client.run(LogInDocument, { username, password: model.password, mode: "SESSION" });
  const pendingToken = data?.login?.challenge?.pendingToken ?? "";
  expect(pendingToken).not.toBe("");
  model.pending = { client, pendingToken, secret: model.secret };
};

/** The login that was begun, by the code of the app of that day. */
const completeLogin: Step = async (model, real) => {
  const { pending } = model;
  if (pending === null) return;
  const { codes } = await complete(real, model, pending.client, pending);
  const isRight = model.secret === pending.secret;
  expect(codes).toEqual(isRight ? [] : ["INVALID_CREDENTIALS"]);
  if (!isRight) return;
  model.logins.push({ ...capture(real, "browser", pending.client), hasFactor: true });
  model.pending = null;
};

const asViewer =
  (device: Device, act: (client: Client, model: Model, real: Real) => Promise<void>): Step =>
  async (model, real) => {
    forgetDeadToken(model, real);
    if (isAlive(model, device)) await act(real.clients[device], model, real);
    else expect((await real.clients[device].run(LogOutDocument)).codes).toEqual(["UNAUTHENTICATED"]);
  };

const logOut = (device: Device): Step =>
  asViewer(device, async (client, model) => {
    expect((await client.run(LogOutDocument)).codes).toEqual([]);
    end(model.current[device]);
  });

const revokeOthers = (device: Device): Step =>
  asViewer(device, async (client, model) => {
    expect((await client.run(RevokeOtherSessionsDocument)).codes).toEqual([]);
    for (const login of model.logins) if (login !== model.current[device]) end(login);
  });

const logOutEverywhere = (device: Device): Step =>
  asViewer(device, async (client, model) => {
    expect((await client.run(LogOutEverywhereDocument)).codes).toEqual([]);
    endAll(model);
  });

const enrol = (device: Device): Step =>
  asViewer(device, async (client, model) => {
    const login = model.current[device];
    const { data, codes } = await client.run(StartTotpDocument);
    const mayAdd = model.secret === null || login?.hasFactor === true;
    expect(codes).toEqual(mayAdd ? [] : ["REAUTHENTICATION_REQUIRED"]);
    if (!mayAdd) return;
    const secret = data?.startTotp?.secret ?? "";
    expect((await client.run(ConfirmTotpDocument, { code: codeOf(secret) })).codes).toEqual([]);
    model.secret = secret;
    if (login) login.hasFactor = true;
  });

const removeFactor = (device: Device): Step =>
  asViewer(device, async (client, model) => {
    const mayRemove = model.secret === null || model.current[device]?.hasFactor === true;
    const { codes } = await client.run(RemoveTotpDocument);
    expect(codes).toEqual(mayRemove ? [] : ["REAUTHENTICATION_REQUIRED"]);
    if (mayRemove) model.secret = null;
  });

const proveFactor = (device: Device): Step =>
  asViewer(device, async (client, model, real) => {
    await letCodesBeNew(real, model.id);
    const code = model.secret === null ? "123456" : codeOf(model.secret);
    const { codes, data } = await client.run(ReauthenticateWithDocument, { code });
    expect(codes).toEqual(model.secret === null ? ["INVALID_CREDENTIALS"] : []);
    if (model.secret === null) return;
    end(model.current[device]);
    if (device === "app") client.token = data?.reauthenticate?.token ?? null;
    begin(model, real, device);
  });

const resetFactors: Step = async (model, { administrator }) => {
  if (model.id === null) return;
  const { codes } = await administrator.run(ResetSecondFactorsDocument, { userId: model.id });
  expect(codes).toEqual([]);
  model.secret = null;
  endAll(model);
};

const changePassword = (device: Device): Step =>
  asViewer(device, async (client, model, real) => {
    const newPassword = `a new passphrase, number ${model.logins.length} of many`;
    const { codes, data } = await client.run(ChangePasswordDocument, {
      currentPassword: model.password,
      newPassword,
    });
    const mayChange = model.secret === null || model.current[device]?.hasFactor === true;
    expect(codes).toEqual(mayChange ? [] : ["REAUTHENTICATION_REQUIRED"]);
    if (!mayChange) return;
    const hadFactor = model.current[device]?.hasFactor === true;
    model.password = newPassword;
    endAll(model);
    if (device === "app") client.token = data?.changePassword?.token ?? null;
    begin(model, real, device, hadFactor);
  });

const provePassword = (device: Device): Step =>
  asViewer(device, async (client, model, real) => {
    const { codes, data } = await client.run(ReauthenticateDocument, { password: model.password });
    expect(codes).toEqual([]);
    const hadFactor = model.current[device]?.hasFactor === true;
    end(model.current[device]);
    if (device === "app") client.token = data?.reauthenticate?.token ?? null;
    begin(model, real, device, hadFactor);
  });

const deactivate: Step = async (model, { administrator }) => {
  if (model.id === null) return;
  expect((await administrator.run(DeactivateUserDocument, { id: model.id })).codes).toEqual([]);
  model.isActive = false;
  endAll(model);
};

const reactivate: Step = async (model, { administrator }) => {
  if (model.id === null) return;
  expect((await administrator.run(ReactivateUserDocument, { id: model.id })).codes).toEqual([]);
  model.isActive = true;
};

const expire: Step = async (model, { app }) => {
  await app.database
    .updateTable("sessions")
    .set({ idle_expires_at: sql<Date>`now()` })
    .where("user_id", "=", model.id)
    .execute();
  endAll(model);
};

/** What two devices do at the same moment, and neither can tell of the other. */
const together =
  (one: (device: Device) => Step, other: (device: Device) => Step): Step =>
  async (model, real) => {
    forgetDeadToken(model, real);
    const first = one("browser")(model, real);
    // Two logins with one code are one login: see what runs at the same moment below.
    if (model.secret !== null) await first;
    await Promise.all([first, other("app")(model, real)]);
  };

const devices: readonly Device[] = ["browser", "app"];
const steps: Readonly<Record<string, Step>> = {
  ...Object.fromEntries(
    devices.flatMap((device): [string, Step][] => [
      [`log in, ${device}`, logIn(device, true)],
      [`log in once more, ${device}`, logIn(device, true)],
      [`log in with a wrong password, ${device}`, logIn(device, false)],
      [`log out, ${device}`, logOut(device)],
      [`revoke the others, ${device}`, revokeOthers(device)],
      [`log out everywhere, ${device}`, logOutEverywhere(device)],
      [`change the password, ${device}`, changePassword(device)],
      [`prove the password, ${device}`, provePassword(device)],
      [`add a second factor, ${device}`, enrol(device)],
      [`remove the second factor, ${device}`, removeFactor(device)],
      [`prove the second factor, ${device}`, proveFactor(device)],
    ]),
  ),
  register,
  deactivate,
  reactivate,
  "reactivate again": reactivate,
  "begin a login": beginLogin,
  "complete the login": completeLogin,
  "reset the second factors": resetFactors,
  expire,
  "log in together": together(
    (device) => logIn(device, true),
    (device) => logIn(device, true),
  ),
  "log out together": together(logOut, logOut),
  "log in and log out together": together((device) => logIn(device, true), logOut),
};

/** Every credential that was ever given, against what the model says of it. */
const expectAgreement = async ({ logins }: Model): Promise<void> => {
  const opened = await Promise.all(
    logins.map(async ({ thief }) => Boolean((await thief.run(ViewerDocument)).data?.viewer)),
  );
  expect(opened).toEqual(logins.map((login) => login.isAlive));
};

const caches = ["off", "on"] as const;

describe.each(caches)("with VIEWER_CACHE=%s", (cache) => {
  let app: App;
  let administrator: Client;
  beforeAll(async () => {
    app = await startApp({ VIEWER_CACHE: cache });
    administrator = new Client(app);
    await administrator.logIn(await app.createUser({ roles: ["ADMIN"] }), "TOKEN");
  });
  afterAll(() => app.close());

  // What is changed by hand holds at once only where nothing is remembered; see viewer-cache.test.ts for when it is.
  const names = Object.keys(steps).filter((name) => cache === "off" || name !== "expire");

  test(
    "sessions do what a model of them does, in any order, on two devices",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom(...names), { maxLength: 3 }),
          fc.array(fc.constantFrom(...names), { minLength: 30, maxLength: 50 }),
          async (before, after) => {
            const username = uniqueName();
            const model: Model = {
              id: null,
              isActive: true,
              password: "the first passphrase of many",
              secret: null,
              pending: null,
              logins: [],
              current: { browser: null, app: null },
            };
            const clients = { browser: new Client(app), app: new Client(app) };
            for (const name of [...before, "register", ...after]) {
              await steps[name]?.(model, { app, username, administrator, clients });
              await expectAgreement(model);
            }
          },
        ),
        { numRuns: runs, endOnFailure: true },
      );
    },
    minutes(10),
  );

  test(
    "of what runs at the same moment, nothing that was ended opens anything, and nothing else is lost",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(fc.constantFrom(...actNames), { minLength: 2, maxLength: 4 }), {
            minLength: 8,
            maxLength: 12,
          }),
          fc.boolean(),
          async (rounds, hasFactor) => {
            const user = await app.createUser();
            const secret = hasFactor ? (await enrolTotp(app, user)).secret : null;
            const account: Account = { app, administrator, user, secret, password: user.password, keys: [] };
            for (const round of rounds) await playRound(account, round);
          },
        ),
        { numRuns: runs, endOnFailure: true },
      );
    },
    minutes(10),
  );
});

/** A credential, captured when it was given. */
interface Key {
  readonly client: Client;
  readonly givenFor: string;
  isAlive: boolean;
}

interface Account {
  readonly app: App;
  readonly administrator: Client;
  readonly user: User;
  /** The secret of the authenticator app, if there was one at the beginning. */
  readonly secret: string | null;
  password: string;
  keys: Key[];
}

/** What an act has done, once it was acknowledged; null when it was refused. */
interface Effect {
  readonly given?: Key;
  /** The credential whose session goes on under what was given. */
  readonly renewed?: Key | undefined;
  /** Whether it ended a credential that was there before the round. */
  readonly ended: (key: Key) => boolean;
  /** What it says of those that were given while it ran: some order ends them, every order does, or none. */
  readonly endedNew: "none" | "perhaps" | "those of the old password" | "all";
  readonly password?: string;
}

type Act = (account: Account, own: Key | undefined, place: number) => Promise<Effect | null>;

/** Only an answer that says no: anything else is a fault. */
const isRefused = (codes: readonly string[]): boolean => {
  expect(["UNAUTHENTICATED", "INVALID_CREDENTIALS", "INVALID_TOKEN", "REAUTHENTICATION_REQUIRED"]).toEqual(
    expect.arrayContaining([...codes]),
  );
  return codes.length > 0;
};

const copy = (app: App, { token, cookies }: Client): Client => new Client(app, { token, cookies });
const nothing = () => false;
const everything = () => true;

const logInWith =
  (mode: "SESSION" | "TOKEN"): Act =>
  async ({ app, user, password, secret }, own) => {
    // A browser's cookie goes along, and its session ends; a token would be refused where it is over.
    const client = own !== undefined && own.client.token === null ? copy(app, own.client) : new Client(app);
    const hadCookie = client.cookies.size > 0;
    const { codes, data } = await client.run(LogInDocument, { username: user.username, password, mode });
    if (isRefused(codes)) return null;
    let token = data?.login?.token ?? null;
    const challenge = data?.login?.challenge;
    if (challenge && secret !== null) {
      await letCodesBeNew({ app }, user.id);
      const proof = { pendingToken: challenge.pendingToken, code: codeOf(secret) };
      const completed = await client.run(CompleteLoginDocument, proof);
      if (isRefused(completed.codes)) return null;
      token = completed.data?.completeLogin?.token ?? null;
    }
    if (mode === "TOKEN") client.cookies.clear();
    client.token = token;
    return {
      given: { client, givenFor: password, isAlive: true },
      ended: (key) => mode === "SESSION" && hadCookie && key === own,
      endedNew: "none",
    };
  };

const acts: Readonly<Record<string, Act>> = {
  "log in, browser": logInWith("SESSION"),
  "log in, app": logInWith("TOKEN"),
  "log out": async ({ app }, own) => {
    const { codes } = await copy(app, own?.client ?? new Client(app)).run(LogOutDocument);
    return isRefused(codes) ? null : { ended: (key) => key === own, endedNew: "none" };
  },
  "revoke the others": async ({ app }, own) => {
    const { codes } = await copy(app, own?.client ?? new Client(app)).run(RevokeOtherSessionsDocument);
    return isRefused(codes) ? null : { ended: (key) => key !== own, endedNew: "perhaps" };
  },
  "log out everywhere": async ({ app }, own) => {
    const { codes } = await copy(app, own?.client ?? new Client(app)).run(LogOutEverywhereDocument);
    return isRefused(codes) ? null : { ended: everything, endedNew: "perhaps" };
  },
  "change the password": async ({ app, password, keys }, own, place) => {
    const client = copy(app, own?.client ?? new Client(app));
    const newPassword = `a new passphrase, number ${keys.length} of ${place}`;
    const { codes, data } = await client.run(ChangePasswordDocument, {
      currentPassword: password,
      newPassword,
    });
    if (isRefused(codes)) return null;
    if (client.token !== null) client.token = data?.changePassword?.token ?? null;
    return {
      given: { client, givenFor: newPassword, isAlive: true },
      renewed: own,
      ended: everything,
      endedNew: "those of the old password",
      password: newPassword,
    };
  },
  "prove the password": async ({ app, password }, own) => {
    const client = copy(app, own?.client ?? new Client(app));
    const { codes, data } = await client.run(ReauthenticateDocument, { password });
    if (isRefused(codes)) return null;
    if (client.token !== null) client.token = data?.reauthenticate?.token ?? null;
    return {
      given: { client, givenFor: password, isAlive: true },
      renewed: own,
      ended: (key) => key === own,
      endedNew: "none",
    };
  },
  use: async ({ app }, own) => {
    // A slow request, which must bring nothing back.
    await copy(app, own?.client ?? new Client(app)).run(ViewerDocument);
    return { ended: nothing, endedNew: "none" };
  },
  "reset the second factors": async ({ administrator, user }) => {
    const { codes } = await administrator.run(ResetSecondFactorsDocument, { userId: user.id });
    expect(codes).toEqual([]);
    return { ended: everything, endedNew: "perhaps" };
  },
  deactivate: async ({ administrator, user }) => {
    expect((await administrator.run(DeactivateUserDocument, { id: user.id })).codes).toEqual([]);
    return { ended: everything, endedNew: "all" };
  },
};
const actNames = Object.keys(acts);

const playRound = async (account: Account, round: readonly string[]): Promise<void> => {
  const { administrator, user } = account;
  const before = account.keys.filter(({ isAlive }) => isAlive);
  const effects = await Promise.all(
    round.map(
      (name, place) => acts[name]?.(account, before[place % Math.max(before.length, 1)], place) ?? null,
    ),
  );
  const done = effects.filter((effect) => effect !== null);
  const changes = done.filter(({ password }) => password !== undefined);
  // Both gave the same current password.
  expect(changes.length).toBeLessThanOrEqual(1);
  // A change whose new session was ended before it could be told of is refused, and has happened.
  const isUnclear = round.includes("change the password") && changes.length === 0;
  const given = done.flatMap(({ given, renewed }) => (given ? [{ key: given, renewed }] : []));
  const opens = async (key: Key) => {
    const { data, codes } = await key.client.run(ViewerDocument);
    return !isRefused(codes) && Boolean(data?.viewer);
  };

  for (const key of account.keys) {
    const mayLive = key.isAlive && !done.some(({ ended }) => ended(key));
    const isAlive = await opens(key);
    if (!mayLive || !isUnclear) expect([round, "before", isAlive]).toEqual([round, "before", mayLive]);
    key.isAlive = isAlive;
  }
  for (const { key, renewed } of given) {
    const otherEffects = done.filter((effect) => effect.given !== key);
    const others = otherEffects.map(({ endedNew }) => endedNew);
    // One session under two secrets: what ended it has ended both. A login ends what its cookie opens, and that is the old one.
    const isEnded =
      renewed !== undefined &&
      otherEffects.some(
        ({ ended, given }) => ended(renewed) && (given === undefined || given.givenFor !== key.givenFor),
      );
    const mustBeDead =
      isEnded ||
      others.includes("all") ||
      (others.includes("those of the old password") && key.givenFor === account.password);
    const mustLive =
      !isUnclear && !mustBeDead && others.every((it) => it === "none" || it === "those of the old password");
    key.isAlive = await opens(key);
    if (mustBeDead) expect([round, "given", key.isAlive]).toEqual([round, "given", false]);
    if (mustLive) expect([round, "given", key.isAlive]).toEqual([round, "given", true]);
  }
  account.keys.push(...given.map(({ key }) => key));

  if (round.includes("deactivate")) {
    const { codes } = await administrator.run(ReactivateUserDocument, { id: user.id });
    expect(codes).toEqual([]);
    for (const key of account.keys) expect(await opens(key)).toBe(false);
  }
  const candidates = [account.password, ...changes.map(({ password }) => password ?? "")];
  account.password = candidates.at(-1) ?? account.password;
  if (isUnclear) await findPassword(account, round, account.keys.length - given.length);
};

const findPassword = async (account: Account, round: readonly string[], count: number): Promise<void> => {
  const perhaps = round.map((_name, place) => `a new passphrase, number ${count} of ${place}`);
  for (const password of [account.password, ...perhaps]) {
    // With its second step: a login that only asks for one has given no credential.
    const opened = await logInWith("TOKEN")({ ...account, password }, undefined, 0);
    if (opened?.given === undefined) continue;
    account.password = password;
    account.keys.push(opened.given);
    return;
  }
  throw new Error("No password opens the account.");
};
