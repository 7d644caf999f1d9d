import { expect, test } from "vitest";
import { Client } from "../../harness/client.ts";
import { startApp } from "../../harness/server.ts";
import { LogOutDocument, ViewerDocument } from "../../operations/generated/graphql.ts";

/** A browser sends the cookies of a host to each of its ports. */
const logInToTwo = async (one: NodeJS.ProcessEnv, other: NodeJS.ProcessEnv) => {
  const apps = [await startApp(one), await startApp(other)] as const;
  const [here, there] = apps.map((app) => new Client(app)) as [Client, Client];
  const share = (from: Client, to: Client) => {
    for (const jar of ["cookies", "deviceCookies"] as const) {
      to[jar].clear();
      for (const [name, value] of from[jar]) to[jar].set(name, value);
    }
  };
  await here.logIn(await apps[0].createUser(), "SESSION");
  share(here, there);
  await there.logIn(await apps[1].createUser(), "SESSION");
  share(there, here);
  const isLoggedIn = async (client: Client) => Boolean((await client.run(ViewerDocument)).data?.viewer);
  return {
    here,
    there,
    share,
    names: [...there.cookies.keys(), ...there.deviceCookies.keys()],
    loggedIn: async () => [await isLoggedIn(here), await isLoggedIn(there)],
    close: async () => {
      for (const app of apps) await app.close();
    },
  };
};

test("two servers on one host keep their sessions apart in development, by their ports", async () => {
  const { here, there, names, loggedIn, share, close } = await logInToTwo(
    { COOKIE_NAME: "" },
    { COOKIE_NAME: "" },
  );
  expect(names).toEqual([
    expect.stringMatching(/^graphward-\d+$/),
    expect.stringMatching(/^graphward-\d+$/),
    expect.stringMatching(/^graphward-\d+-device$/),
    expect.stringMatching(/^graphward-\d+-device$/),
  ]);
  expect(await loggedIn()).toEqual([true, true]);
  await here.run(LogOutDocument);
  share(here, there);
  expect(await loggedIn()).toEqual([false, true]);
  await close();
});

test("COOKIE_NAME keeps them apart anywhere, and one name makes them end each other's sessions", async () => {
  const apart = await logInToTwo({ COOKIE_NAME: "shop" }, { COOKIE_NAME: "blog" });
  expect(apart.names).toEqual(["shop", "blog", "shop-device", "blog-device"]);
  expect(await apart.loggedIn()).toEqual([true, true]);
  await apart.close();
  const together = await logInToTwo({ COOKIE_NAME: "same" }, { COOKIE_NAME: "same" });
  expect(await together.loggedIn()).toEqual([false, true]);
  await together.close();
});
