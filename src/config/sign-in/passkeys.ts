// The settings of passkeys: whether there are any, the domain that they belong to, and the origins that may use them.
import { isIP } from "node:net";
import { z } from "zod";
import { isOpenToAnybody, toWebOrigin } from "../network/origins.ts";
import { commaSeparated, optionalSetting } from "../setting.ts";

export interface PasskeySettings {
  /** The domain that authenticators bind a passkey to. */
  readonly rpId: string;
  /** As browsers and apps write them into what a passkey signs. */
  readonly origins: readonly string[];
}

export const passkeySettings = () => ({
  passkeys: optionalSetting("PASSKEYS", {
    text: "`off` neither adds nor accepts passkeys. Users keep those that they have, and a passkey still counts as their second factor: a user who has no other needs a recovery code for a login, or an administrator who resets the second factors. If it is not set, it is `on`, unless `PUBLIC_URL` has an IP address as its host: there, no browser uses passkeys.",
    example: "on",
    schema: z
      .enum(["on", "off"], { error: "must be on or off" })
      .transform((value) => value === "on") as z.ZodType<boolean, string>,
    otherwise: null,
  }),
  passkeyRpId: optionalSetting("PASSKEY_RP_ID", {
    text: "The domain that passkeys belong to: the host of each page that uses them, or a parent of it. Passkeys of another domain stop working, so choose it before the first user adds one. If it is not set, it is the host of `PUBLIC_URL`.",
    example: "example.com",
    schema: z.string().transform(toDomain),
    otherwise: null,
  }),
  passkeyOrigins: optionalSetting("PASSKEY_ORIGINS", {
    text: "The origins whose pages and apps may use passkeys, separated by commas: exact ones, at or below `PASSKEY_RP_ID`, and `android:apk-key-hash:...` of Android apps. If it is not set, only the origin of `PUBLIC_URL` may. If you set it, include the origin of `PUBLIC_URL`.",
    example: "https://app.example.com,https://api.example.com",
    schema: z
      .string()
      .transform(commaSeparated)
      .pipe(z.array(z.string().transform(toPasskeyOrigin)).min(1, "must name an origin")),
    otherwise: null,
  }),
});

/** What the settings must be together. */
export function readPasskeys(
  {
    passkeys: isOn,
    passkeyRpId,
    passkeyOrigins,
  }: {
    readonly passkeys: boolean | null;
    readonly passkeyRpId: string | null;
    readonly passkeyOrigins: readonly string[] | null;
  },
  publicUrl: URL,
): { readonly settings: PasskeySettings | null; readonly problems: readonly string[] } {
  const rpId = passkeyRpId ?? publicUrl.hostname;
  if (isOn === false) return none;
  if (isAddress(rpId))
    return isOn === null
      ? none
      : refuse(
          "PASSKEYS: cannot be on while the host of PUBLIC_URL is an IP address: use a name, or set it to off",
        );
  // Every site below it could ask users for these passkeys.
  if (passkeyRpId !== null && isOpenToAnybody(rpId))
    return refuse(`PASSKEY_RP_ID: ${rpId} is not a domain of yours: anybody can get a name below it`);
  const origins = passkeyOrigins ?? [publicUrl.origin];
  const foreign = origins.filter((origin) => !belongsTo(rpId, origin));
  if (foreign.length === 0) return { settings: { rpId, origins }, problems: [] };
  return passkeyOrigins === null
    ? refuse(
        `PASSKEY_RP_ID: ${rpId} is neither the host of PUBLIC_URL nor a parent of it: change it, or set PASSKEY_ORIGINS`,
      )
    : refuse(`PASSKEY_ORIGINS: ${foreign.join(", ")} must have ${rpId} as its host, or a name below it`);
}

const none = { settings: null, problems: [] };
const refuse = (problem: string) => ({ settings: null, problems: [problem] });

const isAddress = (host: string): boolean => isIP(host) !== 0 || host.startsWith("[");

const belongsTo = (rpId: string, origin: string): boolean => {
  if (isAndroid(origin)) return true;
  const { hostname } = new URL(origin);
  return hostname === rpId || hostname.endsWith(`.${rpId}`);
};

/** The SHA-256 of the certificate that signs the app. */
const isAndroid = (origin: string): boolean => /^android:apk-key-hash:[A-Za-z0-9_-]{43}$/.test(origin);

function toDomain(text: string, context: z.RefinementCtx): string {
  const url = URL.canParse(`https://${text}/`) ? new URL(`https://${text}/`) : null;
  if (/^[a-z0-9.-]+$/i.test(text) && url !== null && !isAddress(url.hostname)) return url.hostname;
  context.addIssue(
    "must be a domain such as example.com, without a scheme, a port or a path; not an IP address",
  );
  return z.NEVER;
}

function toPasskeyOrigin(text: string, context: z.RefinementCtx): string {
  return isAndroid(text) ? text : toWebOrigin(text, context).origin;
}
