// Reads SMTP_URL: the mail server, and a closed list of nodemailer's options as query parameters.
import { isIP, isIPv4 } from "node:net";
import { z } from "zod";
import { leavesTheMachine } from "./network/hosts.ts";

export interface SmtpServer {
  readonly host: string;
  readonly port: number | null;
  /** TLS from the start (`smtps:`), instead of STARTTLS. */
  readonly isTlsFromStart: boolean;
  /** Otherwise STARTTLS is used if the server offers it: a man in the middle can suppress the offer. */
  readonly isTlsRequired: boolean;
  readonly login: { readonly user: string; readonly pass: string } | null;
  /** What EHLO says. Null: the host of PUBLIC_URL. */
  readonly greeting: string | null;
  readonly options: SmtpOptions;
}

/** In nodemailer's words. */
export interface SmtpOptions {
  readonly authMethod?: "PLAIN" | "LOGIN" | "CRAM-MD5";
  readonly ignoreTLS?: boolean;
  readonly localAddress?: string;
  readonly tls?: { readonly servername?: string; readonly minVersion?: "TLSv1.2" | "TLSv1.3" };
}

const onOff = z.enum(["true", "false"]).transform((text) => text === "true");
const host = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i);

/**
 * Nothing else: nodemailer has options that write messages to the console, read files, or accept any certificate. Values are one of
 * few, or of a strict shape: a line break in the greeting would be another SMTP command.
 */
const options = z
  .strictObject({
    name: host,
    requireTLS: onOff,
    ignoreTLS: onOff,
    authMethod: z.enum(["PLAIN", "LOGIN", "CRAM-MD5"]),
    localAddress: z.string().refine((text) => isIP(text) !== 0),
    "tls.servername": host,
    "tls.minVersion": z.enum(["TLSv1.2", "TLSv1.3"]),
    /** The older form of `requireTLS=false`. */
    starttls: z.literal("optional"),
  })
  .partial();

export const smtpOptionNames = Object.keys(options.shape).filter((name) => name !== "starttls");

const shape = "must look like smtps://user:password@mail.example.com or smtp://localhost:1025";
// Neither names nor values are quoted: after a password with an unencoded `?`, they are a part of it.
const optionsShape = `may have only these options behind the ?, each once and with a value that nodemailer takes: ${smtpOptionNames.join(", ")}`;

export function toSmtpServer(production: boolean) {
  return (text: string, context: z.RefinementCtx): SmtpServer => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (
      url === null ||
      !/^smtps?:$/.test(url.protocol) ||
      url.hostname === "" ||
      /^\/?$/.test(url.pathname) === false ||
      url.hash !== "" ||
      !isDecodable(url.username) ||
      !isDecodable(url.password)
    ) {
      context.addIssue(shape);
      return z.NEVER;
    }
    const names = [...url.searchParams.keys()];
    const given = options.safeParse(Object.fromEntries(url.searchParams));
    if (!given.success || new Set(names).size !== names.length) {
      context.addIssue(optionsShape);
      return z.NEVER;
    }
    const { name, requireTLS, ignoreTLS, authMethod, localAddress, starttls } = given.data;
    const isTlsFromStart = url.protocol === "smtps:";
    const isRequiredByDefault = production && leavesTheMachine(url) && starttls === undefined;
    const isTlsRequired = requireTLS ?? isRequiredByDefault;
    if (ignoreTLS === true && (isTlsFromStart || isTlsRequired)) {
      context.addIssue(
        "has ignoreTLS=true, but TLS is required: write requireTLS=false too, or take ignoreTLS away",
      );
      return z.NEVER;
    }
    const tls = {
      ...(given.data["tls.servername"] !== undefined && { servername: given.data["tls.servername"] }),
      ...(given.data["tls.minVersion"] !== undefined && { minVersion: given.data["tls.minVersion"] }),
    };
    return {
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? null : Number(url.port),
      isTlsFromStart,
      isTlsRequired,
      login:
        url.username === ""
          ? null
          : { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
      greeting: name ?? null,
      options: {
        ...(authMethod !== undefined && { authMethod }),
        ...(ignoreTLS !== undefined && { ignoreTLS }),
        ...(localAddress !== undefined && { localAddress }),
        ...(Object.keys(tls).length > 0 && { tls }),
      },
    };
  };
}

const isDecodable = (text: string): boolean => {
  try {
    return decodeURIComponent(text) !== undefined;
  } catch {
    return false;
  }
};

/** RFC 5321, 4.1.3: an IP is greeted with in brackets. Without this, the library says `[127.0.0.1]`, which strict servers refuse. */
export const greetingOf = ({ hostname }: Pick<URL, "hostname">): string => {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) === 0) return host;
  return isIPv4(host) ? `[${host}]` : `[IPv6:${host}]`;
};
