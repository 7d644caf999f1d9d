// Calls the API and returns every result as a value, so that the page has a text for every failure.

export type Variables = Readonly<Record<string, string | null>>;

export interface Refusal {
  readonly code: string;
  readonly fields: readonly { readonly field: string; readonly rule: string; readonly message: string }[];
  /** In seconds, when the server sent it. */
  readonly retryAfter: number | null;
  /** With it, an operator finds the line in the log. */
  readonly requestId: string | null;
}

/** Null on success. */
export type Outcome = Refusal | null;

const documents: Readonly<Record<string, string>> = {
  verifyEmail:
    "mutation VerifyEmail($token: String!, $password: String) { verifyEmail(token: $token, password: $password) { message } }",
  resetPassword:
    "mutation ResetPassword($token: String!, $newPassword: String!) { resetPassword(token: $token, newPassword: $newPassword) { message } }",
  confirmEmailChange:
    "mutation ConfirmEmailChange($token: String!) { confirmEmailChange(token: $token) { message } }",
  undoEmailChange: "mutation UndoEmailChange($token: String!) { undoEmailChange(token: $token) { message } }",
};

const patienceInMilliseconds = 30_000;

export const mutate = async (name: string, variables: Variables): Promise<Outcome> => {
  try {
    // Not `mode: "same-origin"`: with `no-referrer` the browser would then say `Origin: null`, which the server refuses.
    const response = await fetch("/graphql", {
      method: "POST",
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      headers: { Accept: "application/json", "Content-Type": "application/json" },
      body: JSON.stringify({ query: documents[name], variables }),
      signal: AbortSignal.timeout(patienceInMilliseconds),
    });
    return judge(name, response.status, response.headers, await response.json().catch(() => null));
  } catch {
    return refusal("UNREACHABLE");
  }
};

interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly extensions?: Partial<Refusal> }[];
}

/** When the server is down, a proxy responds, and not in JSON: then the status is the only information. */
const judge = (name: string, status: number, headers: Headers, answer: Answer | null): Outcome => {
  if (answer?.data?.[name]) return null;
  const { code, fields, retryAfter, requestId } = answer?.errors?.[0]?.extensions ?? {};
  return {
    code: code ?? codesOfStatus[status] ?? "UNKNOWN",
    fields: fields ?? [],
    retryAfter: retryAfter ?? (Number(headers.get("Retry-After")) || null),
    requestId: requestId ?? null,
  };
};

const codesOfStatus: Readonly<Record<number, string>> = {
  429: "RATE_LIMITED",
  502: "SERVICE_UNAVAILABLE",
  503: "SERVICE_UNAVAILABLE",
  504: "SERVICE_UNAVAILABLE",
};

const refusal = (code: string): Refusal => ({ code, fields: [], retryAfter: null, requestId: null });
