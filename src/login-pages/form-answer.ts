// The answer of a provider that comes as a form, which the provider's site sends: Apple does this.
import type { IncomingMessage } from "node:http";
import type { IdentityProvider } from "../config/sign-in/identity-providers.ts";
import { badRequest } from "../errors.ts";
import { readFormBody } from "../http/request/body.ts";

/** Paths, and the names of their providers. */
export type FormCallbacks = ReadonlyMap<string, string>;

export const findFormCallbacks = (providers: readonly IdentityProvider[]): FormCallbacks =>
  new Map(
    providers.flatMap(({ kind, id, name }) => (kind === "apple" ? [[`/login/${id}/callback`, name]] : [])),
  );

/**
 * The path that a page of ours must lead the browser to. The form itself does nothing: our cookies are not sent with it, and without
 * them nobody can tell whose login it is.
 */
export async function readFormAnswer(request: IncomingMessage, path: string): Promise<string> {
  const form = await readFormBody(request);
  const answer = new URLSearchParams();
  for (const name of fields) {
    const [value, ...others] = form.getAll(name);
    if (others.length > 0) throw badRequest();
    if (value !== undefined) answer.set(name, value);
  }
  return `${path}?${answer}`;
}

/** Not `user`, which has the name: nobody has signed it. */
const fields = ["state", "code", "error", "iss"];
