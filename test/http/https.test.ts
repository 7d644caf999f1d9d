import { describe, expect, test } from "vitest";
import { Client } from "../harness/client.ts";
import { startApp } from "../harness/server.ts";
import { LogInDocument } from "../operations/generated/graphql.ts";

describe("behind https", () => {
  test("cookies are Secure with the __Host- name, whatever the hop before us speaks", async () => {
    const secure = await startApp({ PUBLIC_URL: "https://api.example.com" });
    const client = new Client(secure);
    await client.logIn(await secure.createUser(), "SESSION");
    expect([...client.cookies.keys()]).toEqual(["__Host-graphward"]);
    const { headers } = await client.run(LogInDocument, { ...(await secure.createUser()), mode: "SESSION" });
    const cookies = headers.getSetCookie();
    expect(cookies.map((it) => it.replace(/=.*/, ""))).toEqual([
      "__Host-graphward",
      "__Host-graphward-device",
    ]);
    for (const cookie of cookies)
      expect(cookie.split("; ")).toEqual(expect.arrayContaining(["Secure", "Path=/"]));
    const answer = await client.post<{ viewer: unknown }>('{"query":"{ viewer { id } }"}');
    expect(answer.data?.viewer).not.toBeNull();
    await secure.close();
  });

  test("the client's address is what TRUST_PROXY lets us believe", async () => {
    const addressSeen = async (trust: string, forwarded: string) => {
      const proxied = await startApp({ TRUST_PROXY: trust });
      const { username, password } = await proxied.createUser();
      const query = `mutation { login(username: "${username}", password: "${password}") { userId } }`;
      await new Client(proxied).post(JSON.stringify({ query }), { "x-forwarded-for": forwarded });
      const stored = await proxied.database
        .selectFrom("sessions")
        .select("ip_address")
        .executeTakeFirstOrThrow();
      await proxied.close();
      const logged = proxied.log.map((line) => JSON.parse(line)).find(({ msg }) => msg === "request").address;
      expect(stored.ip_address ?? "").toBe(logged);
      return logged;
    };
    expect(await addressSeen("0", "203.0.113.9")).toBe("127.0.0.1");
    expect(await addressSeen("1", "no address")).toBe("");
    expect(await addressSeen("1", "198.51.100.7, 203.0.113.9")).toBe("203.0.113.9");
    expect(await addressSeen("127.0.0.0/8, 203.0.113.0/24", "198.51.100.7, 203.0.113.9")).toBe(
      "198.51.100.7",
    );
  });
});
