import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { minutes } from "../../src/time.ts";
import { Client } from "../harness/client.ts";
import { type App, startApp, type User } from "../harness/server.ts";
import {
  ChangePasswordDocument,
  DeactivateUserDocument,
  LogInDocument,
  LogOutDocument,
  LogOutEverywhereDocument,
  ReactivateUserDocument,
  RevokeOtherSessionsDocument,
  ViewerDocument,
} from "../operations/generated/graphql.ts";

/** What is known of one login, from outside: the credential that it gave, and whether it should still open anything. */
interface Login {
  /** As it was captured: nobody logs out with it, and nothing replaces it. */
  readonly thief: Client;
  readonly sessionOf: "browser" | "app";
  isAlive: boolean;
}

/** One account, seen from a browser with a cookie and an app with a token. */
interface Model {
  isActive: boolean;
  password: string;
  readonly logins: Login[];
  readonly current: { browser: Login | null; app: Login | null };
}

interface Real {
  readonly app: App;
  readonly user: User;
  readonly administrator: Client;
  readonly clients: { readonly browser: Client; readonly app: Client };
}

type Device = "browser" | "app";
type Step = (model: Model, real: Real) => Promise<void>;

const capture = ({ app }: Real, device: Device, client: Client): Login => {
  const thief = new Client(app);
  for (const [name, value] of client.cookies) thief.cookies.set(name, value);
  thief.token = client.token;
  return { thief, sessionOf: device, isAlive: true };
};

const begin = (model: Model, real: Real, device: Device): void => {
  const login = capture(real, device, real.clients[device]);
  model.logins.push(login);
  model.current[device] = login;
};

const end = (login: Login | null): void => {
  if (login) login.isAlive = false;
};
const endAll = ({ logins }: Model): void => logins.forEach(end);

const isAlive = (model: Model, device: Device): boolean => model.current[device]?.isAlive === true;

/** An app whose token is over forgets it, as docs/clients.md tells it to: the whole request would be refused. */
const forgetDeadToken = (model: Model, { clients }: Real): void => {
  if (!isAlive(model, "app")) clients.app.token = null;
};

const logIn =
  (device: Device, isRight: boolean): Step =>
  async (model, real) => {
    forgetDeadToken(model, real);
    const before = model.current[device];
    const client = real.clients[device];
    const { codes, data } = await client.run(LogInDocument, {
      username: real.user.username,
      password: isRight ? model.password : "a password that nobody has",
      mode: device === "browser" ? "SESSION" : "TOKEN",
    });
    if (!model.isActive || !isRight) {
      expect(codes).toEqual(["INVALID_CREDENTIALS"]);
      return;
    }
    expect(codes).toEqual([]);
    // The session of the cookie that came along ends; another token leaves the first alone.
    if (device === "browser") end(before);
    else client.token = data?.login?.token ?? null;
    begin(model, real, device);
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

const changePassword = (device: Device): Step =>
  asViewer(device, async (client, model, real) => {
    const newPassword = `a new passphrase, number ${model.logins.length} of many`;
    const { codes, data } = await client.run(ChangePasswordDocument, {
      currentPassword: model.password,
      newPassword,
    });
    expect(codes).toEqual([]);
    model.password = newPassword;
    endAll(model);
    if (device === "app") client.token = data?.changePassword?.token ?? null;
    begin(model, real, device);
  });

const deactivate: Step = async (model, { administrator, user }) => {
  expect((await administrator.run(DeactivateUserDocument, { id: user.id })).codes).toEqual([]);
  model.isActive = false;
  endAll(model);
};

const reactivate: Step = async (model, { administrator, user }) => {
  expect((await administrator.run(ReactivateUserDocument, { id: user.id })).codes).toEqual([]);
  model.isActive = true;
};

const expire: Step = async (model, { app, user }) => {
  await app.database
    .updateTable("sessions")
    .set({ idle_expires_at: sql<Date>`now()` })
    .where("user_id", "=", user.id)
    .execute();
  endAll(model);
};

/** What two devices do at the same moment, and neither can tell of the other. */
const together =
  (one: (device: Device) => Step, other: (device: Device) => Step): Step =>
  async (model, real) => {
    forgetDeadToken(model, real);
    await Promise.all([one("browser")(model, real), other("app")(model, real)]);
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
    ]),
  ),
  deactivate,
  reactivate,
  "reactivate again": reactivate,
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

let app: App;
let administrator: Client;
beforeAll(async () => {
  // Without a cache, for what is changed by hand must hold at once; the cache's own tests are in viewer-cache.test.ts.
  app = await startApp({ VIEWER_CACHE: "off" });
  administrator = new Client(app);
  await administrator.logIn(await app.createUser({ roles: ["ADMIN"] }), "TOKEN");
});
afterAll(() => app.close());

test(
  "sessions do what a model of them does, over thousands of steps in any order, on two devices",
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...Object.keys(steps)), { minLength: 30, maxLength: 50 }),
        async (names) => {
          const user = await app.createUser();
          const model: Model = {
            isActive: true,
            password: user.password,
            logins: [],
            current: { browser: null, app: null },
          };
          const clients = { browser: new Client(app), app: new Client(app) };
          for (const name of names) {
            await steps[name]?.(model, { app, user, administrator, clients });
            await expectAgreement(model);
          }
        },
      ),
      { numRuns: 50, endOnFailure: true },
    );
  },
  minutes(5),
);
