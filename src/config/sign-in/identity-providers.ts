// The settings of logins with providers: which there are, and where a login may lead back to.
import { readFileSync } from "node:fs";
import { z } from "zod";
import { toAppLink } from "../network/app-links.ts";
import { leavesTheMachine } from "../network/hosts.ts";
import { type AllowedOrigins, hasWildcard, toWebOrigin } from "../network/origins.ts";
import { commaSeparated, optionalSetting } from "../setting.ts";
import { findBreak } from "./json-break.ts";
import {
  type AppleKey,
  findSenselessFields,
  type ProviderKind,
  presetNames,
  presets,
  readAppleKey,
  usualScopes,
} from "./provider-presets.ts";

export interface IdentityProvider {
  readonly kind: ProviderKind;
  /** In URLs, and in the rows of identities. */
  readonly id: string;
  /** For buttons. */
  readonly name: string;
  /** As the provider writes it into its tokens. Of GitHub, the address of the server. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | AppleKey;
  readonly scopes: readonly string[];
  /** Whether the provider decides who has an email that it calls verified. */
  readonly trustEmail: boolean;
  /** Asked for with each login. */
  readonly acrValues: readonly string[];
  /** Values of `acr` and `amr` that count as a second factor. */
  readonly trustsFactor: readonly string[];
  /** Whether the provider may be at an address of a private network. */
  readonly allowPrivateAddress: boolean;
}

export const identityProviderSettings = (production: boolean) => ({
  identityProviders: optionalSetting<readonly IdentityProvider[], readonly IdentityProvider[]>(
    "IDENTITY_PROVIDERS",
    {
      text: "The providers that users can log in with (OpenID Connect, and GitHub): a JSON list, or the path of a file that holds one. See [providers.md](../providers.md) for its fields.",
      example:
        '[{"id":"google","preset":"google","clientId":"...","clientSecretFile":"/run/secrets/google"}]',
      schema: z.string().transform(toProviders(production)),
      otherwise: [],
    },
  ),
  loginReturnTo: optionalSetting("LOGIN_RETURN_TO", {
    text: "The origins to which a login with a provider may lead back, separated by commas: exact ones. If it is not set, they are the origin of `PUBLIC_URL` and the websites in `ALLOWED_ORIGINS`, without those that have a wildcard.",
    example: "https://app.example.com",
    schema: z
      .string()
      .transform(commaSeparated)
      .pipe(
        z
          .array(z.string().transform((text, context) => toWebOrigin(text, context).origin))
          .min(1, "must name an origin"),
      ),
    otherwise: null,
  }),
  loginAppLinks: optionalSetting("LOGIN_APP_LINKS", {
    text: "The links that lead a login with a provider back to a mobile or desktop app, separated by commas: https links that the app has claimed, links of a scheme with a dot, and for desktop apps `http://127.0.0.1/...` or `http://[::1]/...`, which stand for every port. Each is compared as a whole. See [providers.md](../providers.md#in-a-mobile-app).",
    example: "https://app.example.com/login,com.example.app:/login",
    schema: z
      .string()
      .transform(commaSeparated)
      .pipe(z.array(z.string().transform(toAppLink)).min(1, "must name a link")),
    otherwise: [],
  }),
});

/** Never a wildcard: each page below such a name would get the users of a login. */
export const returnOrigins = (
  given: readonly string[] | null,
  publicUrl: URL,
  allowedOrigins: AllowedOrigins,
): ReadonlySet<string> =>
  new Set(
    given ?? [
      publicUrl.origin,
      ...[...allowedOrigins].filter((origin) => /^https?:/.test(origin) && !hasWildcard(origin)),
    ],
  );

const texts = z.array(z.string().regex(/^[\x21-\x7e]+$/, "must be without spaces"));

const appleId = z.string().regex(/^[A-Z0-9]{10}$/, "must be ten capital letters and digits");

const entry = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, "must be small letters, digits and hyphens, at most 32"),
  preset: z.enum(presetNames, { error: `must be one of ${presetNames.join(", ")}` }).optional(),
  name: z
    .string()
    .regex(/^[^\p{Cc}]{1,50}$/u, "must be 1 to 50 characters on one line")
    .optional(),
  issuer: z.string().optional(),
  clientId: z.string().min(1, "must not be empty"),
  clientSecret: z.string().min(1, "must not be empty").optional(),
  clientSecretFile: z.string().min(1, "must not be empty").optional(),
  teamId: appleId.optional(),
  keyId: appleId.optional(),
  privateKey: z.string().min(1, "must not be empty").optional(),
  privateKeyFile: z.string().min(1, "must not be empty").optional(),
  scopes: texts.optional(),
  trustEmail: z.boolean().optional(),
  acrValues: texts.optional(),
  trustsFactor: texts.optional(),
  allowPrivateAddress: z.boolean().optional(),
});

type Entry = z.infer<typeof entry>;

/** No problem quotes a value: it may be a secret in the wrong place. */
function toProviders(production: boolean) {
  return (text: string, context: z.RefinementCtx): readonly IdentityProvider[] => {
    const given = readEntries(text, context);
    if (given === null) return z.NEVER;
    const providers = given.map((it) => complete(it, production, context));
    for (const [index, { id }] of given.entries())
      if (given.findIndex((other) => other.id === id) !== index)
        context.addIssue(`has the id ${id} more than once`);
    return providers.filter((it) => it !== null);
  };
}

const readEntries = (text: string, context: z.RefinementCtx): readonly Entry[] | null => {
  const isJson = text.trimStart().startsWith("[");
  const json = isJson ? text : readText(text.trim());
  if (json === null) {
    context.addIssue("must be a JSON list of providers, or the path of a readable file with one");
    return null;
  }
  const list = parse(json);
  if (!Array.isArray(list)) {
    const place = findBreak(json);
    const where = place === null ? "" : `: its JSON breaks at ${place}`;
    context.addIssue(`${isJson ? "" : "the file "}must be a JSON list of providers${where}`);
    return null;
  }
  const read = list.map((it, index) => ({ it, index, parsed: entry.safeParse(it) }));
  const wrong = read.filter(({ parsed }) => !parsed.success);
  for (const { it, index, parsed } of wrong)
    for (const { path, message } of parsed.error?.issues ?? [])
      context.addIssue(`${nameOf(it, index)}: ${[...path.map(String), message].join(" ")}`);
  return wrong.length > 0 ? null : read.flatMap(({ parsed }) => parsed.data ?? []);
};

const nameOf = (given: unknown, index: number): string => {
  const id = typeof given === "object" && given !== null && "id" in given ? given.id : null;
  return typeof id === "string" && /^[a-z0-9-]{1,32}$/.test(id) ? id : `provider ${index + 1}`;
};

const complete = (given: Entry, production: boolean, context: z.RefinementCtx): IdentityProvider | null => {
  const { id, preset } = given;
  const known = preset === undefined ? null : presets[preset];
  const kind = known?.kind ?? "openid";
  const issuer = given.issuer ?? known?.issuer ?? null;
  const name = given.name ?? known?.name;
  const { problem, clientSecret } = kind === "apple" ? readKey(given) : readSecret(given);
  const problems = [
    ...(issuer === null ? ["issuer is required"] : findIssuerProblem(issuer, { preset, kind, production })),
    ...(name === undefined ? ["name is required without a preset"] : []),
    ...(problem === null ? [] : [problem]),
    ...findSenselessFields(kind, known?.name ?? "", given),
  ];
  for (const text of problems) context.addIssue(`${id}: ${text}`);
  if (problems.length > 0 || issuer === null || name === undefined || clientSecret === null) return null;
  return {
    kind,
    id,
    name,
    issuer: kind === "openid" ? issuer : new URL(issuer).origin,
    clientId: given.clientId,
    clientSecret,
    scopes: given.scopes ?? usualScopes[kind],
    trustEmail: given.trustEmail ?? false,
    acrValues: given.acrValues ?? [],
    trustsFactor: given.trustsFactor ?? [],
    allowPrivateAddress: given.allowPrivateAddress ?? false,
  };
};

const findIssuerProblem = (
  issuer: string,
  {
    preset,
    kind,
    production,
  }: {
    readonly preset: Entry["preset"];
    readonly kind: ProviderKind;
    readonly production: boolean;
  },
): readonly string[] => {
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  const isWeb =
    url?.protocol === "https:" || (url?.protocol === "http:" && !production && !leavesTheMachine(url));
  if (url === null || !isWeb || url.search + url.hash + url.username + url.password !== "")
    return ["issuer must be an https URL without a query, as the provider writes it"];
  if (kind !== "openid" && url.pathname !== "/") return ["issuer must be an https URL without a path"];
  // Any tenant of Microsoft could otherwise tell whom a login belongs to.
  return preset === "microsoft" &&
    !/^\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/v2\.0$/.test(url.pathname)
    ? ["issuer must be https://login.microsoftonline.com/<id of your tenant>/v2.0"]
    : [];
};

interface ReadSecret {
  readonly problem: string | null;
  readonly clientSecret: IdentityProvider["clientSecret"] | null;
}

const readSecret = ({ clientSecret, clientSecretFile, ...given }: Entry): ReadSecret => {
  const refuse = (problem: string) => ({ problem, clientSecret: null });
  if ((given.teamId ?? given.keyId ?? given.privateKey ?? given.privateKeyFile) !== undefined)
    return refuse("teamId, keyId and privateKeyFile are for the preset apple");
  if ((clientSecret === undefined) === (clientSecretFile === undefined))
    return refuse("needs either clientSecret or clientSecretFile");
  const secret = clientSecret ?? readText(clientSecretFile ?? "")?.trim();
  if (!secret) return refuse("clientSecretFile must be a readable file with the secret");
  return { problem: null, clientSecret: secret };
};

const readKey = ({ teamId, keyId, privateKey: pem, privateKeyFile: path, ...given }: Entry): ReadSecret => {
  const refuse = (problem: string) => ({ problem, clientSecret: null });
  if ((given.clientSecret ?? given.clientSecretFile) !== undefined)
    return refuse("has no client secret with Apple: give teamId, keyId and privateKeyFile");
  if (teamId === undefined || keyId === undefined || (pem === undefined) === (path === undefined))
    return refuse("needs teamId, keyId, and either privateKeyFile or privateKey");
  const privateKey = readAppleKey(pem ?? readText(path ?? "") ?? "");
  if (privateKey === null)
    return refuse(`${path === undefined ? "privateKey" : "privateKeyFile"} must be a key of Apple's (.p8)`);
  return { problem: null, clientSecret: { teamId, keyId, privateKey } };
};

const readText = (path: string): string | null => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
};

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
};
