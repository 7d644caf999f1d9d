// Calls the API and returns every result as a value, so that the page has a text for every failure.

export type Variables = Readonly<Record<string, string | boolean | object | null>>;

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
  loginWithCode: `mutation LogInWithCode($pendingToken: String!, $code: String!) {
    loginWithCode(pendingToken: $pendingToken, code: $code, mode: SESSION) {
      userId challenge { pendingToken methods passkeyOptions } } }`,
  completeLogin: `mutation CompleteLogin($pendingToken: String!, $code: String, $recoveryCode: String, $trustBrowser: Boolean!) {
    completeLogin(pendingToken: $pendingToken, code: $code, recoveryCode: $recoveryCode, trustBrowser: $trustBrowser) { userId } }`,
  login: `mutation LogIn($username: String!, $password: String!) {
    login(username: $username, password: $password, mode: SESSION) {
      userId challenge { pendingToken methods passkeyOptions } } }`,
  requestLoginCode:
    "mutation RequestLoginCode($email: String!) { requestLoginCode(email: $email) { pendingToken } }",
  requestPasswordReset:
    "mutation RequestPasswordReset($email: String!) { requestPasswordReset(email: $email) { message } }",
  startPasskeyLogin: "mutation StartPasskeyLogin { startPasskeyLogin { options pendingToken } }",
  loginWithPasskey: `mutation LogInWithPasskey($pendingToken: String!, $response: JSONObject!) {
    loginWithPasskey(pendingToken: $pendingToken, response: $response, mode: SESSION) { userId } }`,
  // Apart from the others, because only browsers that know passkeys send it.
  completeLoginWithPasskey: `mutation CompleteLogin($pendingToken: String!, $passkey: JSONObject!, $trustBrowser: Boolean!) {
    completeLogin(pendingToken: $pendingToken, passkey: $passkey, trustBrowser: $trustBrowser) { userId } }`,
  secondFactors: "query SecondFactors { secondFactors { required totp { since } } passkeys { id } }",
  identities: `query Identities {
    identities { id provider email linkedAt lastUsedAt } loginMethods { providers { id name } } }`,
  startLinking: `mutation StartLinking($provider: String!, $returnTo: String!) {
    startLinking(provider: $provider, returnTo: $returnTo) { url } }`,
  unlinkIdentity: "mutation UnlinkIdentity($id: ID!) { unlinkIdentity(id: $id) { identityId } }",
  resendVerification: "mutation ResendVerification { resendVerification { message } }",
  startTotp: "mutation StartTotp { startTotp { secret uri qrSvg } }",
  confirmTotp: "mutation ConfirmTotp($code: String!) { confirmTotp(code: $code) { recoveryCodes } }",
  startReauthentication:
    "mutation StartReauthentication { startReauthentication { methods passkeyOptions } }",
  reauthenticate: `mutation Reauthenticate($password: String, $code: String, $recoveryCode: String) {
    reauthenticate(password: $password, code: $code, recoveryCode: $recoveryCode) { sessionId } }`,
  reauthenticateWithPasskey: `mutation Reauthenticate($passkey: JSONObject!) {
    reauthenticate(passkey: $passkey) { sessionId } }`,
  undoEmailChange: "mutation UndoEmailChange($token: String!) { undoEmailChange(token: $token) { message } }",
};

const patienceInMilliseconds = 30_000;

/** Null on success. */
export const mutate = async (name: string, variables: Variables): Promise<Outcome> =>
  (await call(name, variables)).refusal;

export type Called<Data> =
  | { readonly data: Data; readonly refusal: null }
  | { readonly data: null; readonly refusal: Refusal };

/** Runs the document of this name, whose first field must have a value. */
export const call = async <Data>(name: string, variables: Variables = {}): Promise<Called<Data>> => {
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
    const answer: Answer | null = await response.json().catch(() => null);
    if (answer?.data?.[name.replace(/^(completeLogin|reauthenticate)WithPasskey$/, "$1")])
      return { data: answer.data as Data, refusal: null };
    return { data: null, refusal: judge(response.status, response.headers, answer) };
  } catch {
    return { data: null, refusal: refusal("UNREACHABLE") };
  }
};

interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly extensions?: Partial<Refusal> }[];
}

/** When the server is down, a proxy responds, and not in JSON: then the status is the only information. */
const judge = (status: number, headers: Headers, answer: Answer | null): Refusal => {
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
