import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ProviderApp, startProviderApp } from "../../harness/providers/app.ts";
import { newPerson } from "../../harness/providers/honest.ts";
import { PrivateDocument } from "../../operations/generated/graphql.ts";

// With REQUIRE_VERIFIED_EMAIL, nobody comes in without one by way of a provider.

let app: ProviderApp;
beforeAll(async () => {
  app = await startProviderApp({}, { REQUIRE_VERIFIED_EMAIL: "on" });
});
afterAll(() => app.close());

describe("a new person of whom the provider knows no verified email gets no account", () => {
  test.each([{ email_verified: false }, { email: undefined }])("%j", async (claims) => {
    const email = `${crypto.randomUUID()}@example.org`;
    const person = newPerson({ email, email_verified: true, ...claims });
    const { status, text } = await app.logIn(person);
    expect([status, text.includes("Your email is missing")]).toEqual([403, true]);
    expect(
      await app.database.selectFrom("identities").select("id").where("subject", "=", person.sub).execute(),
    ).toEqual([]);
  });
});

test("a new person with a verified email is let in", async () => {
  const person = newPerson({ email: `${crypto.randomUUID()}@example.org`, email_verified: true });
  const { browser } = await app.logIn(person);
  expect((await browser.clientOf(app).run(PrivateDocument)).codes).toEqual([]);
});
