// What a permitted difference is, and the words to say how an answer becomes another.
import type { Caller } from "./cases.ts";
import type { Answer, Request } from "./exchange.ts";

export interface Difference {
  readonly name: string;
  readonly reason: string;
  /** What Apollo is asked instead, where its own answer says nothing about ours. Null: it does not concern this exchange. */
  readonly ask?: (request: Request, stock: Answer) => Request | null;
  /** Our answer, made of Apollo's. */
  readonly change?: (stock: Answer, request: Request, caller: Caller) => Answer | null;
}

export interface FormattedError {
  readonly message: string;
  readonly locations?: readonly unknown[] | undefined;
  readonly path?: readonly unknown[] | undefined;
  readonly extensions: Readonly<Record<string, unknown>>;
}

export const isHtml = ({ headers }: Answer): boolean =>
  headers["content-type"]?.startsWith("text/html") === true;

export const refusal = (
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", connection: "keep-alive", ...headers },
  body: JSON.stringify({ errors: [{ message, extensions: { code } }] }),
});

/** `undefined` takes a header away. */
export const withHeaders = (
  answer: Answer,
  headers: Readonly<Record<string, string | undefined>>,
): Answer => ({
  ...answer,
  headers: Object.fromEntries(
    Object.entries({ ...answer.headers, ...headers }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  ),
});

const errorsOf = ({ body }: Answer): { readonly errors?: readonly FormattedError[] } | null =>
  body.startsWith('{"errors":') ? JSON.parse(body) : null;

export const hasError = (answer: Answer, text: RegExp): boolean =>
  errorsOf(answer)?.errors?.some(({ message }) => text.test(message)) === true;

export const hasCode = (answer: Answer, code: string): boolean =>
  errorsOf(answer)?.errors?.some(({ extensions }) => extensions.code === code) === true;

/** Apollo ends its bodies with a line break. Null when no error was changed. */
export const changeErrors = (
  answer: Answer,
  change: (error: FormattedError) => FormattedError | null,
): Answer | null => {
  const parsed = errorsOf(answer);
  if (!parsed?.errors) return null;
  let isChanged = false;
  const errors = parsed.errors.map((error) => {
    const changed = change(error);
    isChanged ||= changed !== null;
    return changed ?? error;
  });
  return isChanged ? { ...answer, body: `${JSON.stringify({ ...parsed, errors })}\n` } : null;
};

/** From graphql-js's text, which quotes the value, to the rule that is broken. */
export const invalidInputOf = (error: FormattedError, text: RegExp): FormattedError | null => {
  const named = text.exec(error.message);
  if (named === null) return null;
  const { extensions: _extensions, message: _message, ...where } = error;
  const isMissing = / of (?:required|non-null) type "[^"]+" /.test(named[0]);
  const field = isMissing ? named[1] : (/ at "([\w.[\]]+)"/.exec(error.message)?.[1] ?? named[1]);
  const broken = isMissing
    ? { field, rule: "required", message: "A value is required." }
    : { field, rule: "type", message: "The value does not have the expected type." };
  return {
    message: "The input is not valid.",
    ...where,
    extensions: { code: "BAD_USER_INPUT", fields: [broken] },
  };
};
