import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { problemsOf, production } from "../harness/configuration.ts";

const entry = { id: "own", name: "Own", issuer: "https://id.example", clientId: "a", clientSecret: "b" };

const gitHub = { id: "github", preset: "github", clientId: "a", clientSecret: "b" };
const apple = {
  id: "apple",
  preset: "apple",
  clientId: "com.example.web",
  teamId: "DEF123GHIJ",
  keyId: "ABC123DEFG",
};
const otherCurve = generateKeyPairSync("ec", { namedCurve: "secp384r1" })
  .privateKey.export({ format: "pem", type: "pkcs8" })
  .toString();

const listOf = (...entries: readonly object[]) => ({ IDENTITY_PROVIDERS: JSON.stringify(entries) });
const providersOf = (environment: NodeJS.ProcessEnv) => readConfig(environment).identityProviders;
const linesOf = (environment: NodeJS.ProcessEnv) =>
  problemsOf(environment).filter((line) => line.startsWith("IDENTITY_PROVIDERS"));

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "graphward-providers-"));
});
afterAll(() => rm(directory, { recursive: true }));

describe("providers", () => {
  test("are none without the setting", () => {
    expect(providersOf({})).toEqual([]);
  });

  test("are read from JSON, with usual values for what is left out", () => {
    expect(providersOf(listOf(entry))).toEqual([
      {
        ...entry,
        kind: "openid",
        scopes: ["openid", "email", "profile"],
        trustEmail: false,
        acrValues: [],
        trustsFactor: [],
        allowPrivateAddress: false,
      },
    ]);
  });

  test("are read from a file, and their secrets from files", async () => {
    const [list, secret] = [join(directory, "providers.json"), join(directory, "secret")];
    await writeFile(secret, "hidden\n");
    await writeFile(
      list,
      JSON.stringify([{ id: "google", preset: "google", clientId: "a", clientSecretFile: secret }]),
    );
    expect(providersOf({ IDENTITY_PROVIDERS: list })).toMatchObject([
      { name: "Google", issuer: "https://accounts.google.com", clientSecret: "hidden" },
    ]);
  });

  test("of a preset have its name, and its issuer where there is one for all", () => {
    const of = (preset: string, rest: object = {}) => ({
      id: preset,
      preset,
      clientId: "a",
      clientSecret: "b",
      ...rest,
    });
    const tenant = "https://login.microsoftonline.com/5b0a1c2d-1111-4222-8333-444455556666/v2.0";
    const realm = "https://id.example/realms/main";
    const providers = providersOf(
      listOf(
        of("google"),
        of("gitlab"),
        of("microsoft", { issuer: tenant }),
        of("keycloak", { issuer: realm }),
        of("github"),
        of("github", { id: "enterprise", name: "Ours", issuer: "https://GitHub.example.com/" }),
      ),
    );
    expect(providers.map(({ name, issuer }) => [name, issuer])).toEqual([
      ["Google", "https://accounts.google.com"],
      ["GitLab", "https://gitlab.com"],
      ["Microsoft", tenant],
      ["Keycloak", realm],
      ["GitHub", "https://github.com"],
      ["Ours", "https://github.example.com"],
    ]);
  });

  test("have the key of Apple in the place of a secret, as text or as a file", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    const path = join(directory, "AuthKey_ABC123DEFG.p8");
    await writeFile(path, pem);
    const of = (rest: object) => ({ ...apple, ...rest });
    for (const given of [{ privateKey: pem }, { privateKeyFile: path }]) {
      const [provider] = providersOf(listOf(of(given)));
      expect(provider).toMatchObject({ kind: "apple", name: "Apple", issuer: "https://appleid.apple.com" });
      const secret = provider?.clientSecret;
      expect(secret).toMatchObject({ teamId: "DEF123GHIJ", keyId: "ABC123DEFG" });
      expect(typeof secret === "object" && secret.privateKey.equals(privateKey)).toBe(true);
    }
  });

  describe("have a line for each problem, which quotes no value", () => {
    test.each([
      ["no JSON, no file", { IDENTITY_PROVIDERS: "google" }, "must be a JSON list of providers, or the path"],
      [
        "broken JSON",
        { IDENTITY_PROVIDERS: "[{" },
        "must be a JSON list of providers: its JSON breaks at line 1, column 3",
      ],
      ["an unknown field", listOf({ ...entry, secret: "x" }), "own: "],
      ["an id for no URL", listOf({ ...entry, id: "A b" }), "provider 1: id must be small letters"],
      ["an id twice", listOf(entry, entry), "has the id own more than once"],
      ["an unknown preset", listOf({ ...entry, preset: "facebook" }), "own: preset must be one of google"],
      ["no name", listOf({ ...entry, name: undefined }), "own: name is required without a preset"],
      ["no issuer", listOf({ ...entry, issuer: undefined }), "own: issuer is required"],
      [
        "an issuer with a query",
        listOf({ ...entry, issuer: "https://id.example/?a=b" }),
        "own: issuer must be",
      ],
      [
        "http on a network",
        listOf({ ...entry, issuer: "http://id.example" }),
        "own: issuer must be an https URL",
      ],
      [
        "any tenant of Microsoft",
        listOf({ ...entry, preset: "microsoft", issuer: "https://login.microsoftonline.com/common/v2.0" }),
        "own: issuer must be https://login.microsoftonline.com/<id of your tenant>/v2.0",
      ],
      ["no secret", listOf({ ...entry, clientSecret: undefined }), "own: needs either clientSecret or"],
      ["two secrets", listOf({ ...entry, clientSecretFile: "/x" }), "own: needs either clientSecret or"],
      [
        "no such file",
        listOf({ ...entry, clientSecret: undefined, clientSecretFile: "/does/not/exist" }),
        "own: clientSecretFile must be a readable file",
      ],
      ["the key of Apple elsewhere", listOf({ ...entry, teamId: "DEF123GHIJ" }), "own: teamId, keyId and"],
      [
        "no key of Apple",
        listOf(apple),
        "apple: needs teamId, keyId, and either privateKeyFile or privateKey",
      ],
      [
        "two keys of Apple",
        listOf({ ...apple, privateKey: "x", privateKeyFile: "/x" }),
        "apple: needs teamId, keyId, and either",
      ],
      [
        "no such key of Apple",
        listOf({ ...apple, privateKeyFile: "/does/not/exist" }),
        "apple: privateKeyFile must be a key of Apple's (.p8)",
      ],
      [
        "a key of another curve",
        listOf({ ...apple, privateKey: otherCurve }),
        "apple: privateKey must be a key of Apple's (.p8)",
      ],
      [
        "a secret for Apple",
        listOf({ ...apple, clientSecret: "a" }),
        "apple: has no client secret with Apple: give teamId, keyId and privateKeyFile",
      ],
      ["an id of no team", listOf({ ...apple, teamId: "team" }), "apple: teamId must be ten capital letters"],
      [
        "silent linking with GitHub",
        listOf({ ...gitHub, trustEmail: true }),
        "github: trustEmail must be left out: anybody can register at GitHub",
      ],
      [
        "levels for GitHub",
        listOf({ ...gitHub, acrValues: ["x"] }),
        "github: acrValues must be left out: GitHub does not know them",
      ],
      [
        "second factors of GitHub",
        listOf({ ...gitHub, trustsFactor: ["x"] }),
        "github: trustsFactor must be left out: GitHub tells of no second factor",
      ],
      [
        "a path of GitHub",
        listOf({ ...gitHub, issuer: "https://github.com/login/oauth" }),
        "github: issuer must be an https URL without a path",
      ],
      ["scopes of no login", listOf({ ...entry, scopes: ["email"] }), "own: scopes must include openid"],
    ])("%s", (_, environment, line) => {
      expect(linesOf(environment)).toEqual([expect.stringContaining(`IDENTITY_PROVIDERS: ${line}`)]);
    });
  });

  describe("that are no JSON are told where it breaks, without a word of the text", () => {
    const valid =
      '[\n  {\n    "id": "own",\n    "clientSecret": "marguerite",\n    "trustEmail": false\n  }\n]\n';
    test.each([
      ["a comma that is missing", '"own",', '"own"', 4, 5],
      ["a comma too many", "false", "false,", 6, 3],
      ["a quote that is missing at the end", 'marguerite"', "marguerite", 4, 21],
      ["another kind of quotes", '"marguerite"', "'marguerite'", 4, 21],
      ["a name without quotes", '"clientSecret"', "clientSecret", 4, 5],
      ["a word of another language", "false", "False", 5, 19],
      ["an escape that JSON does not have", "marguerite", "\\marguerite", 4, 21],
      ["a comment", '"clientSecret"', '// marguerite\n    "clientSecret"', 4, 5],
      ["a bracket that is missing", "\n]", "", 7, 1],
      ["a bracket too many", "\n]", "\n]]", 7, 2],
      ["a mark of the byte order", /^/, "\ufeff", 1, 1],
    ])("%s", async (name, from, to, line, column) => {
      const path = join(directory, `${name}.json`);
      await writeFile(path, valid.replace(from, to));
      expect(linesOf({ IDENTITY_PROVIDERS: path })).toEqual([
        `IDENTITY_PROVIDERS: the file must be a JSON list of providers: its JSON breaks at line ${line}, column ${column}`,
      ]);
    });

    test("and JSON that is no list breaks nowhere", async () => {
      const path = join(directory, "an-object.json");
      await writeFile(path, '{ "a": [1, -2.5e+3, "\\u00e9\\n", {}, [], null, true] }\n');
      expect(linesOf({ IDENTITY_PROVIDERS: path })).toEqual([
        "IDENTITY_PROVIDERS: the file must be a JSON list of providers",
      ]);
    });
  });

  test("may be on this machine without https in development only", () => {
    const local = listOf({ ...entry, issuer: "http://localhost:8080/realms/main" });
    expect(linesOf(local)).toEqual([]);
    expect(linesOf({ ...production, ...local })).toEqual([
      "IDENTITY_PROVIDERS: own: issuer must be an https URL without a query, as the provider writes it",
    ]);
  });
});

describe("a login leads back", () => {
  const originsOf = (environment: NodeJS.ProcessEnv) => [...readConfig(environment).loginReturnTo];

  test("to our own origin and to allowed websites, never to a wildcard or an app", () => {
    const ALLOWED_ORIGINS =
      "https://app.example.com,https://*.preview.example.com,capacitor://localhost,https://api.example.com";
    expect(originsOf({ PUBLIC_URL: "https://api.example.com" })).toEqual(["https://api.example.com"]);
    expect(originsOf({ PUBLIC_URL: "https://api.example.com", ALLOWED_ORIGINS })).toEqual([
      "https://api.example.com",
      "https://app.example.com",
    ]);
  });

  test("only to the origins of LOGIN_RETURN_TO where it is set", () => {
    expect(originsOf({ LOGIN_RETURN_TO: "https://a.example, https://b.example" })).toEqual([
      "https://a.example",
      "https://b.example",
    ]);
    for (const LOGIN_RETURN_TO of ["https://*.example.com", "https://a.example/path", "null", ","])
      expect(problemsOf({ LOGIN_RETURN_TO })).toEqual([expect.stringMatching(/^LOGIN_RETURN_TO: /)]);
  });
});
