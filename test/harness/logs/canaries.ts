// Collects the secrets, variables and literals that the tests of a file exchange with a server: none may appear in a log.
import type { Sent } from "../../../src/testing/client.ts";

export interface Canary {
  /** Shown in the failure. */
  readonly kind: CanaryKind;
  readonly text: string;
}

export type CanaryKind =
  | "password"
  | "password hash"
  | "token"
  | "second factor"
  | "cookie"
  | "Authorization header"
  | "mail link"
  | "configured secret"
  | "account"
  | "variable"
  | "literal"
  | "query string"
  | "body";

/** Shorter ones occur in any log by chance. */
export const shortestCanary = 8;

const noted = new Map<string, Canary>();

export const notedCanaries = (): readonly Canary[] => [...noted.values()];

export const note = (kind: CanaryKind, text: string | null | undefined): void => {
  if (text && text.length >= shortestCanary && !noted.has(text)) noted.set(text, { kind, text });
};

/** Call it before the tests of a file. */
export const beginCanaries = (): void => {
  noted.clear();
  seenDocuments.clear();
  note("password hash", "$argon2id");
};

export const noteRequest = ({ path = "", headers = {}, body }: Sent): void => {
  for (const [name, value] of Object.entries(headers)) {
    if (/^authorization$/i.test(name)) noteAuthorization(String(value));
    if (/^cookie$/i.test(name)) for (const pair of String(value).split(/; */)) noteCookie(pair);
  }
  const search = path.slice(path.indexOf("?") + 1);
  if (search !== path) noteQueryString(search);
  if (typeof body === "string") noteBody(body);
  else if (body instanceof Uint8Array) noteBody(new TextDecoder().decode(body));
};

export const noteAnswer = (cookies: readonly string[], body: string): void => {
  for (const line of cookies) noteCookie(line.split(";")[0] ?? "");
  noteTokens(body);
};

/** Also for the output of a command. */
export const noteTokens = (text: string): void => {
  for (const [token] of text.matchAll(/gw[sapc]_\w{49}/g)) note("token", token);
  for (const [, token] of text.matchAll(/"token":"([^"]+)"/g)) note("token", token);
};

/** Recognised by length: nothing else in a mail has as many letters and digits in a row. */
export const noteMail = (message: string): void => {
  const unfolded = message.replaceAll("=\r\n", "").replaceAll("=3D", "=");
  for (const [secret] of unfolded.matchAll(/(?<![0-9A-Za-z])[0-9A-Za-z]{43}(?![0-9A-Za-z])/g))
    note("mail link", secret);
};

export const noteEnvironment = (environment: NodeJS.ProcessEnv): void => {
  for (const name of ["SESSION_SECRET", "AUDIT_KEY"])
    for (const secret of environment[name]?.split(",") ?? []) note("configured secret", secret.trim());
  for (const name of ["DATABASE_URL", "SMTP_URL", "REDIS_URL"]) {
    const url = environment[name] ?? "";
    const password = URL.canParse(url) ? new URL(url).password : "";
    note("configured secret", password);
    note("configured secret", decode(password));
  }
};

const noteAuthorization = (value: string): void => {
  note("Authorization header", value);
  note("Authorization header", value.replace(/^\S+\s+/, ""));
};

/** The whole value, the decoded one, and the part without prefix and signature: a log could contain any of them. */
const noteCookie = (pair: string): void => {
  const value = pair.slice(pair.indexOf("=") + 1);
  const decoded = decode(value);
  note("cookie", value);
  note("cookie", decoded);
  for (const part of decoded.replace(/^s:/, "").split(".")) note("cookie", part);
};

const noteQueryString = (search: string): void => {
  note("query string", search);
  // The operation name is logged.
  for (const part of search.split("&"))
    if (!part.startsWith("operationName=")) note("query string", part.slice(part.indexOf("=") + 1));
  const parameters = Object.fromEntries(new URLSearchParams(search));
  const { query, variables } = parameters;
  if (query) noteDocument(query);
  if (variables) noteTexts(parse(variables) ?? variables);
};

const noteBody = (body: string): void => {
  const envelope = parse(body);
  if (typeof envelope === "object" && envelope !== null) noteEnvelope(envelope);
  else noteBroken(body);
};

const noteEnvelope = ({ query, variables, extensions }: Readonly<Record<string, unknown>>): void => {
  if (typeof query === "string") noteDocument(query);
  noteTexts(variables);
  noteTexts(extensions);
};

/** A parser's error would quote it. */
const noteBroken = (body: string): void => {
  note("body", body);
  for (const piece of body.split('"')) if (!envelopeKeys.has(piece)) note("body", piece);
};

const envelopeKeys: ReadonlySet<string> = new Set(["variables", "extensions", "operationName"]);

const seenDocuments = new Set<string>();

const noteDocument = (document: string): void => {
  if (seenDocuments.has(document)) return;
  seenDocuments.add(document);
  for (const [, block, line] of document.matchAll(/"""(.*?)"""|"((?:[^"\\\n]|\\.)*)"/gs)) {
    note("literal", block ?? line);
    if (line?.includes("\\")) noteTexts(parse(`"${line}"`), "literal");
  }
};

/** Iterative: some tests send tens of thousands of levels. */
const noteTexts = (value: unknown, kind: CanaryKind = "variable"): void => {
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === "string") note(kind, next);
    else if (typeof next === "object" && next !== null)
      for (const inner of Object.values(next)) waiting.push(inner);
  }
};

const parse = (text: string) => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
