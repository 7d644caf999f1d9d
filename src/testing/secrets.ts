// The secrets of Graphward's own fields that a test exchanged with the server: none may be in the server's log. What an application's
// own fields take, the application may log.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildSchema,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  parse,
  TypeInfo,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { packageRoot } from "../package-root.ts";
import type { Witness } from "./client.ts";

export interface Secrets extends Witness {
  note(kind: string, secret: string): void;
  /** The secret in its link. */
  noteMail(message: string): void;
  /** Throws an error that names the first line of `log` with one of them. */
  requireNoneIn(log: string): void;
}

/** Shorter ones occur in any log by chance. */
const shortest = 8;

export function createSecrets(): Secrets {
  const noted = new Map<string, string>();
  const note = (kind: string, secret: string): void => {
    if (secret.length >= shortest) noted.set(secret, kind);
  };
  return {
    note,
    sent({ body }) {
      if (typeof body === "string") for (const secret of secretsIn(body)) note("a password or token", secret);
    },
    answered(cookies, body) {
      for (const line of cookies) note("a cookie", /^[^=]+=([^;]*)/.exec(line)?.[1] ?? "");
      for (const [token] of body.matchAll(/gw[sapc]_\w{49}/g)) note("a token", token);
    },
    noteMail(message) {
      const unfolded = message.replaceAll("=\r\n", "").replaceAll("=3D", "=");
      for (const [, secret = ""] of unfolded.matchAll(/#token=(\w+)/g)) note("the link of a mail", secret);
    },
    requireNoneIn(log) {
      for (const [secret, kind] of noted) {
        const at = log.indexOf(secret);
        if (at === -1) continue;
        const line = log.slice(log.lastIndexOf("\n", at) + 1, at);
        throw new Error(`The server logged ${kind} of a test. The line begins: ${line}`);
      }
    },
  };
}

/** In development, the log shows the link of each mail, and the first account's password once. */
export function withoutDevelopersSecrets(log: string): string {
  return log
    .replaceAll(/"link":"[^"]*"(?=,"msg":"link of a mail in the outbox"\})/g, "")
    .replace(/(?<= password )\S+(?= \(shown only once\)\n)/, "");
}

const secretNames = /^(password|currentPassword|newPassword|token)$/;

/** `body`: of a request. An argument of the application's own fields is unknown to our schema, so it is never found. */
const secretsIn = (body: string): readonly string[] => {
  const found: string[] = [];
  const collect = (value: unknown, name: string, type: GraphQLInputType): void => {
    if (typeof value === "string" && secretNames.test(name)) found.push(value);
    const named = getNamedType(type);
    if (!isInputObjectType(named) || typeof value !== "object" || value === null) return;
    const values = value as Readonly<Record<string, unknown>>;
    for (const field of Object.values(named.getFields())) collect(values[field.name], field.name, field.type);
  };
  try {
    const { query, variables = {} } = JSON.parse(body);
    const types = new TypeInfo(ourSchema());
    const enter = (node: { readonly value: Parameters<typeof valueFromASTUntyped>[0] }): void => {
      const argument = types.getArgument();
      if (argument) collect(valueFromASTUntyped(node.value, variables), argument.name, argument.type);
    };
    visit(parse(query), visitWithTypeInfo(types, { Argument: enter }));
  } catch {
    // The server says what is wrong with it.
  }
  return found;
};

let schema: GraphQLSchema | null = null;

const ourSchema = (): GraphQLSchema => {
  schema ??= buildSchema(readFileSync(join(packageRoot, "schema.graphql"), "utf8"), { assumeValid: true });
  return schema;
};
