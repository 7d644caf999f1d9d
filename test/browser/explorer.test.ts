// The explorer in a real browser: its tabs do what they say, keep no secret, and talk to nobody else.
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { seconds } from "../../src/time.ts";
import { logInAs } from "../harness/client.ts";
import { startApp } from "../harness/server.ts";
import { codeOf, enrolTotp } from "../harness/sign-in/second-factors.ts";
import { startChromium } from "./chromium.ts";
import { openExplorer } from "./explorer-page.ts";

let app: Awaited<ReturnType<typeof startApp>>;
let browser: Browser;
let explorer: Awaited<ReturnType<typeof openExplorer>>;
let user: { username: string; password: string };

beforeAll(async () => {
  [app, browser] = await Promise.all([startApp(), startChromium()]);
  user = await app.createUser();
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

beforeEach(async () => {
  explorer = await openExplorer(browser, app.origin);
});
afterEach(() => explorer?.close());

const logIn = async () => {
  await explorer.chooseTab("LogIn");
  await explorer.write("Variables", JSON.stringify({ username: user.username, password: user.password }));
  return explorer.run();
};

const answerOf = async (tab: string) => {
  await explorer.chooseTab(tab);
  return explorer.run();
};

const startingTabs = ["Public", "LogIn", "Private", "LogOut", "Sessions", "Audit"];

const refused = expect.objectContaining({
  errors: [expect.objectContaining({ extensions: expect.objectContaining({ code: "UNAUTHENTICATED" }) })],
});
const greeted = () => ({ data: { private: { message: `Hello ${user.username}, this is private!` } } });

describe("explorer", () => {
  it("opens with six tabs, and no password in any", async () => {
    expect(await explorer.page.title()).toBe("Graphward");
    expect(await explorer.tabs()).toEqual(startingTabs);
    expect(await answerOf("LogIn")).toMatchObject({
      errors: [{ extensions: { code: "INVALID_CREDENTIALS" } }],
    });
  });

  it("shows a public field to anyone", async () => {
    expect(await answerOf("Public")).toEqual({ data: { public: { message: "Public access allowed!" } } });
  });

  it("refuses the private field before a login, answers it after, and refuses it again after the logout", async () => {
    expect(await answerOf("Private")).toEqual(refused);

    expect(await logIn()).toMatchObject({ data: { login: { token: expect.stringMatching(/^gws_/) } } });
    const cookies = await explorer.cookies();
    expect(cookies.toSorted((a, b) => a.name.localeCompare(b.name))).toMatchObject([
      { name: "graphward", httpOnly: true, sameSite: "Lax" },
      { name: "graphward-device", httpOnly: true, sameSite: "Lax" },
    ]);
    expect(await answerOf("Private")).toEqual(greeted());

    expect(await answerOf("LogOut")).toEqual({ data: { logout: { message: "Logged out successfully." } } });
    expect(await answerOf("Private")).toEqual(refused);
  });

  it("completes a login that is asked for a second step: only the code is left to type", async () => {
    const enrolled = await enrolTotp(app, await app.createUser());
    const { username, password } = enrolled.user;
    await explorer.chooseTab("LogIn");
    await explorer.write("Variables", JSON.stringify({ username, password }));
    const { data } = await explorer.run();
    expect(data.login).toMatchObject({ token: null, challenge: { methods: ["TOTP", "RECOVERY_CODE"] } });
    const { pendingToken } = data.login.challenge;

    await explorer.page.getByRole("button", { name: "Complete the login" }).click();
    await expect.poll(() => explorer.tabs()).toEqual([...startingTabs, "CompleteLogin"]);
    // What the person types into the prepared variables.
    expect(await explorer.variables()).toEqual({ pendingToken, code: "" });
    await explorer.write("Variables", JSON.stringify({ pendingToken, code: codeOf(enrolled.secret) }));
    expect(await explorer.run()).toMatchObject({ data: { completeLogin: { user: { username } } } });
    expect(await answerOf("Private")).toEqual({
      data: { private: { message: `Hello ${username}, this is private!` } },
    });
    expect(await explorer.page.getByRole("button", { name: "Complete the login" }).count()).toBe(0);
    expect(explorer.complaints).toEqual([]);
  });

  it("follows the sessions and the audit trail of the viewer, in one tab at a time, until the session ends", async () => {
    expect(await answerOf("Sessions")).toEqual(refused);
    await logIn();
    await explorer.chooseTab("Sessions");
    await explorer.follow();
    const elsewhere = await logInAs(app, user);
    expect((await explorer.answer()).data.sessionsChanged).toContainEqual(
      expect.objectContaining({ current: true }),
    );

    await explorer.chooseTab("Audit");
    await explorer.follow();
    await logInAs(app, user);
    expect(await explorer.answer()).toMatchObject({ data: { auditEventAdded: { type: "LOGIN_SUCCEEDED" } } });
    await elsewhere.run("mutation { logoutEverywhere { userId } }");
    await expect.poll(() => explorer.answer()).toEqual(refused);
    expect(explorer.complaints.filter((complaint) => !complaint.includes("status of 401"))).toEqual([]);
  });

  it("leaves a stream when it is stopped", async () => {
    await logIn();
    await explorer.chooseTab("Sessions");
    await explorer.follow();
    const ended = explorer.page.waitForEvent("requestfailed");
    await explorer.page.getByRole("button", { name: /^Stop/ }).click();
    expect(new URL((await ended).url()).pathname).toBe("/graphql");
  });

  it("sends a token from the headers editor", async () => {
    const { data } = await logIn();
    await explorer.page.context().clearCookies();
    expect(await answerOf("Private")).toEqual(refused);

    await explorer.write("Headers", JSON.stringify({ Authorization: `Token ${data.login.token}` }));
    expect(await explorer.run()).toEqual(greeted());
    expect(await explorer.cookies()).toEqual([]);
  });

  it("stores nothing in the browser, and starts afresh on the next visit", async () => {
    const { data } = await logIn();
    await explorer.write("Headers", JSON.stringify({ Authorization: `Token ${data.login.token}` }));
    await explorer.run();

    // GraphiQL writes half a second after the last change.
    await explorer.page.waitForTimeout(seconds(1));
    const nothing = { localStorage: {}, sessionStorage: {}, databases: [], caches: [] };
    expect(await explorer.stored()).toEqual(nothing);

    await explorer.reload();
    expect(await answerOf("LogIn")).toMatchObject({
      errors: [{ extensions: { code: "INVALID_CREDENTIALS" } }],
    });
    expect(await explorer.tabs()).toEqual(startingTabs);
    expect(await explorer.stored()).toEqual(nothing);
  });

  it("shows the schema's documentation, asks no other host, breaks no policy and reports no error", async () => {
    await explorer.page.getByRole("button", { name: "Show Documentation Explorer" }).click();
    await explorer.page.getByRole("link", { name: "Mutation", exact: true }).click();
    await explorer.page.getByRole("link", { name: "LoginPayload" }).first().waitFor();

    await logIn();
    await explorer.page.getByRole("button", { name: /^Prettify/ }).click();
    await answerOf("Private");
    await answerOf("LogOut");
    expect(explorer.complaints).toEqual([]);
  });

  it("shows each caller the part of the schema that they may use, from the login to the logout", async () => {
    const field = (name: string) => explorer.page.getByRole("link", { name, exact: true });
    await explorer.page.getByRole("button", { name: "Show Documentation Explorer" }).click();
    await field("Query").click();
    await field("viewer").waitFor();
    expect(await field("sessions").count()).toBe(0);

    await logIn();
    await field("Query").click();
    await field("sessions").waitFor();

    await answerOf("LogOut");
    await field("Query").click();
    await field("viewer").waitFor();
    await expect.poll(() => field("sessions").count()).toBe(0);
    expect(explorer.complaints).toEqual([]);
  });

  it("lets an injected script neither run nor send anything away", async () => {
    const attack = `(async () => {
      const script = Object.assign(document.createElement("script"), { textContent: "globalThis.ran = true" });
      document.head.append(script);
      const sent = await fetch("https://example.com/", { mode: "no-cors" }).then(() => true, () => false);
      return { ran: "ran" in globalThis, sent };
    })()`;
    expect(await explorer.page.evaluate(attack)).toEqual({ ran: false, sent: false });
    const blocked = explorer.complaints.filter((complaint) => complaint.includes("Content Security Policy"));
    expect(blocked.join()).toMatch(/inline script.*example\.com|example\.com.*inline script/s);
  });

  it("works on a server that answers no introspection", async () => {
    await explorer.page.route("**/graphql", async (route) => {
      if (!route.request().postData()?.includes("__schema")) return route.continue();
      await route.fulfill({ status: 400, json: { errors: [{ message: "Introspection is disabled." }] } });
    });
    await explorer.reload();
    expect(await answerOf("Public")).toEqual({ data: { public: { message: "Public access allowed!" } } });
    expect(explorer.complaints.filter((complaint) => !complaint.includes("status of 400"))).toEqual([]);
  });
});
