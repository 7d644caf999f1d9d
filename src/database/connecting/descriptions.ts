// How lines name a database and what failed: never with the password, and never with a part of a URL that was not understood.
import type { ConfiguredConnection } from "./connection.ts";

export function describePlace({ host, port, database, variables = [] }: ConfiguredConnection): string {
  const name = host.includes(":") ? `[${host}]` : host;
  const from = variables.length === 0 ? "" : ` (with ${variables.join(", ")} of the environment)`;
  return `${name}${port === 5432 ? "" : `:${port}`}/${encodeURIComponent(database)}${from}`;
}

/** The text of a failed connection holds no values, but an AggregateError (IPv4 and IPv6 both refused) has no text. */
export function describeFailure(error: unknown): string {
  if (error instanceof AggregateError) return describeFailure(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return `${error.message}${findAdvice(error)}`;
}

/** True when the certificate was refused, rather than the connection. */
export function isCertificateRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && certificateCodes.test(String(error.code));
}

/** Node's and OpenSSL's. */
const certificateCodes =
  /^(?:ERR_TLS_CERT_|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT|UNABLE_TO_(?:GET|VERIFY)_|CERT_)/;

const findAdvice = (error: Error): string => {
  if (isCertificateRefused(error))
    return "code" in error && error.code === "ERR_TLS_CERT_ALTNAME_INVALID"
      ? ". Write a host name of the certificate in the URL"
      : ". Set DATABASE_CA to the certificate of its authority";
  if (error.message === "The server does not support SSL connections")
    return ". Ask for no encryption with sslmode=disable, or turn it on in PostgreSQL";
  if (/password must be a (?:non-empty )?string/.test(error.message))
    return ". Write a password in the URL, or set PGPASSWORD";
  return "";
};
