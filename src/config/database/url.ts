// Reads the URL of a database as libpq does, and quotes no part of a URL that it cannot read: it may be part of a password.
import { readFileSync } from "node:fs";
import { type SslMode, sslModes } from "./tls.ts";

export interface DatabaseUrl {
  readonly text: string;
  /** Null: left out. */
  readonly host: string | null;
  readonly port: number | null;
  readonly user: string | null;
  readonly password: string | null;
  readonly database: string | null;
  readonly sslMode: SslMode | null;
  /** PEM texts. */
  readonly ca: string | null;
  readonly certificate: string | null;
  readonly key: string | null;
  readonly isDirectTls: boolean;
  readonly channelBinding: "disable" | "prefer" | "require";
  readonly options: string | null;
  readonly applicationName: string | null;
}

/** Its message is for the operator, and holds no part of the URL. */
export class UrlProblem extends Error {}

/** Throws a UrlProblem. */
export function readDatabaseUrl(text: string): DatabaseUrl {
  const parts = shape.exec(text)?.groups;
  if (parts === undefined) throw new UrlProblem(malformed);
  const { login, place = "", name = "", query } = parts;
  // An unencoded "/" in a password ends the host's part early, and the rest looks like the name.
  if (/[@/]/.test(name)) throw new UrlProblem(malformed);
  const { user, password } = readLogin(login);
  const { host, port } = readPlace(place);
  const given = readParameters(query);
  const at = (key: string) => given.get(key) || null;
  const portText = at("port") ?? port;
  return {
    text,
    host: requireOneHost(at("host") ?? host),
    port: portText === null ? null : requirePort(portText),
    user: at("user") ?? user,
    password: at("password") ?? password,
    database: at("dbname") ?? (decode(name) || null),
    sslMode: readSslMode(at("sslmode"), at("ssl")),
    ca: at("sslrootcert") === "system" ? null : readPem("sslrootcert", at("sslrootcert")),
    certificate: readPem("sslcert", at("sslcert")),
    key: readPem("sslkey", at("sslkey")),
    isDirectTls: oneOf("sslnegotiation", at("sslnegotiation"), ["postgres", "direct"]) === "direct",
    channelBinding:
      oneOf("channel_binding", at("channel_binding"), ["disable", "prefer", "require"]) ?? "disable",
    options: at("options"),
    applicationName: at("application_name"),
  };
}

/** The host's part ends at the first "/"; an "@" before that belongs to the password, except for the last one. */
const shape =
  /^postgres(?:ql)?:\/\/(?:(?<login>[^/?#]*)@)?(?<place>[^@/?#]*)(?:\/(?<name>[^?#]*))?(?:\?(?<query>[^#]*))?$/su;

const malformed =
  "must look like postgres://user:password@host/name; in the user, the password and the name, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25";

const readLogin = (login: string | undefined) => {
  const [, user = "", password = ""] = /^([^:]*)(?::(.*))?$/su.exec(login ?? "") ?? [];
  return { user: decode(user) || null, password: decode(password) || null };
};

const readPlace = (place: string) => {
  // Before the shape: the list has a port for each host.
  requireOneHost(place);
  if (/^[^[\]]*:[^[\]]*:/.test(place))
    throw new UrlProblem("must have an IPv6 address in brackets: postgres://user:password@[::1]:5432/name");
  const [match, address, name = "", port] = /^(?:\[([^[\]]+)\]|([^:[\]]*))(?::(\d+))?$/.exec(place) ?? [];
  if (match === undefined) throw new UrlProblem(malformed);
  return { host: decode(address ?? name) || null, port: port ?? null };
};

export const severalHosts =
  "names several hosts; write one, the address that always leads to the primary server";

const requireOneHost = (host: string | null): string | null => {
  if (host?.includes(",")) throw new UrlProblem(severalHosts);
  return host;
};

const requirePort = (text: string): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new UrlProblem(malformed);
  return port;
};

const supported = [
  "host",
  "port",
  "user",
  "password",
  "dbname",
  "sslmode",
  "ssl",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "sslnegotiation",
  "channel_binding",
  "options",
  "application_name",
];

/** Parameters of other clients: a line may name them, because they cannot be part of a password. */
const unsupported = new Set(
  `client_encoding connect_timeout connection_limit currentSchema fallback_application_name gssencmode hostaddr keepalives
  keepalives_count keepalives_idle keepalives_interval krbsrvname load_balance_hosts passfile pgbouncer pool_timeout
  prepareThreshold replication require_auth requiressl schema search_path service socket_timeout sslaccept sslcert_mode
  sslcompression sslcrl sslidentity sslpassword ssl_max_protocol_version ssl_min_protocol_version statement_cache_size
  statement_timeout target_session_attrs tcp_user_timeout uselibpqcompat`.split(/\s+/),
);

const readParameters = (query: string | undefined): ReadonlyMap<string, string> => {
  const pairs = (query ?? "").split("&").filter((pair) => pair !== "");
  // The last of two equal parameters counts.
  return new Map(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      if (equals < 0) throw new UrlProblem(malformed);
      const name = decode(pair.slice(0, equals));
      if (unsupported.has(name)) throw new UrlProblem(`has the parameter ${name}; remove it`);
      if (!supported.includes(name))
        throw new UrlProblem(`has an unknown parameter; behind the ? may stand ${supported.join(", ")}`);
      return [name, decode(pair.slice(equals + 1))];
    }),
  );
};

const readSslMode = (sslMode: string | null, ssl: string | null): SslMode | null => {
  if (sslMode !== null) return oneOf("sslmode", sslMode, sslModes);
  const words = { true: "verify-full", "1": "verify-full", false: "disable", "0": "disable" } as const;
  const word = oneOf("ssl", ssl, ["true", "1", "false", "0", "no-verify"]);
  return word === null || word === "no-verify" ? word : words[word];
};

const oneOf = <Word extends string>(
  name: string,
  value: string | null,
  words: readonly Word[],
): Word | null => {
  const found = words.find((word) => word === value);
  if (value !== null && found === undefined)
    throw new UrlProblem(`has a wrong ${name}; write one of ${words.join(", ")}`);
  return found ?? null;
};

const readPem = (name: string, path: string | null): string | null => {
  if (path === null) return null;
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new UrlProblem(`names a file in ${name} that cannot be read`);
  }
};

const decode = (text: string): string => {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw new UrlProblem(malformed);
  }
  // In PostgreSQL's protocol, a zero ends a text, and what follows would be a parameter of its own.
  if (decoded.includes("\0")) throw new UrlProblem(malformed);
  return decoded;
};
