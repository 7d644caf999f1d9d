// The connection that DATABASE_URL describes, with what it leaves out: from variables of PostgreSQL's clients, or a default.
import { userInfo } from "node:os";
import type { ConnectionOptions } from "node:tls";
import { type SslMode, sslModes, tlsOptions } from "./tls.ts";
import { type DatabaseUrl, severalHosts } from "./url.ts";

export interface DatabaseConnection {
  /** A name, an address, or a directory of Unix sockets. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl: ConnectionOptions | false;
  readonly sslMode: SslMode;
  readonly isDirectTls: boolean;
  readonly isChannelBound: boolean;
  readonly options: string | null;
  readonly applicationName: string | null;
  /** The variables of the environment that completed the URL: lines about the database name them. */
  readonly variables: readonly string[];
}

interface Completed {
  readonly connection: DatabaseConnection | null;
  /** Each begins with the name of a variable. */
  readonly problems: readonly string[];
}

/** `setting`: the name of the setting that holds the URL. */
export function completeConnection(
  url: DatabaseUrl,
  {
    setting,
    ca,
    given,
  }: { readonly setting: string; readonly ca: string | null; readonly given: NodeJS.ProcessEnv },
): Completed {
  const variables: string[] = [];
  const complete = (value: string | null, variable: string): string | null => {
    const found = given[variable];
    if (value !== null || found === undefined) return value;
    variables.push(variable);
    return found;
  };
  const host = complete(url.host, "PGHOST") ?? "localhost";
  const port = complete(url.port === null ? null : String(url.port), "PGPORT") ?? "5432";
  const user = complete(url.user, "PGUSER") ?? findOwnName();
  const password = complete(url.password, "PGPASSWORD") ?? "";
  if (user === null)
    return {
      connection: null,
      problems: [`${setting}: names no user, and the process runs as one without a name`],
    };
  const database = complete(url.database, "PGDATABASE") ?? user;
  // A Unix socket has no TLS.
  const sslMode = host.startsWith("/") ? "disable" : (complete(url.sslMode, "PGSSLMODE") ?? "disable");

  const problems = findVariableProblems({ host, port, sslMode });
  if (!isSslMode(sslMode) || problems.length > 0) return { connection: null, problems };
  const pem = { ca: url.ca ?? ca, certificate: url.certificate, key: url.key };
  const ssl = tlsOptions(host, sslMode, pem);
  const connection = {
    host,
    port: Number(port),
    user,
    password,
    database,
    ssl,
    sslMode,
    isDirectTls: ssl !== false && url.isDirectTls,
    isChannelBound: ssl !== false && url.channelBinding !== "disable",
    options: url.options,
    applicationName: url.applicationName,
    variables,
  };
  return { connection, problems: findTlsProblems(url, connection, { setting, ca }) };
}

/** Null in a container whose user is a number only. */
const findOwnName = (): string | null => {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
};

const isSslMode = (text: string): text is SslMode => sslModes.some((mode) => mode === text);

/** What the URL says was checked before, so a wrong value is a variable's. */
const findVariableProblems = ({ host, port, sslMode }: Record<"host" | "port" | "sslMode", string>) => [
  ...(host.includes(",") ? [`PGHOST: ${severalHosts}`] : []),
  ...(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535
    ? []
    : ["PGPORT: must be a port number"]),
  ...(isSslMode(sslMode) ? [] : [`PGSSLMODE: must be one of ${sslModes.join(", ")}`]),
];

const findTlsProblems = (
  url: DatabaseUrl,
  { ssl, sslMode, host }: DatabaseConnection,
  { setting, ca }: { readonly setting: string; readonly ca: string | null },
): readonly string[] => {
  const isChecked = ssl !== false && sslMode !== "no-verify";
  const rules: readonly [boolean, string][] = [
    [
      ca !== null && url.ca !== null,
      `DATABASE_CA: is set, and ${setting} has sslrootcert too; remove one of them`,
    ],
    [
      ca !== null && !isChecked && !host.startsWith("/"),
      `DATABASE_CA: is set, but ${setting} does not check the certificate; write ?sslmode=verify-full`,
    ],
    [
      sslMode === "verify-ca" && isChecked && (url.ca ?? ca) === null,
      `${setting}: has sslmode=verify-ca, which needs DATABASE_CA; without it, write sslmode=verify-full`,
    ],
    [
      url.channelBinding === "require" && !isChecked,
      `${setting}: has channel_binding=require, which needs sslmode=verify-full`,
    ],
    [
      (url.certificate === null) !== (url.key === null),
      `${setting}: has one of sslcert and sslkey; write both`,
    ],
    [
      url.isDirectTls && ssl === false,
      `${setting}: has sslnegotiation=direct, which needs sslmode=verify-full`,
    ],
  ];
  return rules.filter(([applies]) => applies).map(([, text]) => text);
};
