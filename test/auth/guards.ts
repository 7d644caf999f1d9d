// Security rules of endings: which credentials an act ends.
import type { Guard, Rule } from "../house/guard.ts";

export const heading = "What ends what";

const walked = "endings: an act ends what the table says, and nothing else:";

export const rules: readonly Rule[] = [
  [
    "A change or reset of the password, a change of the email, a deactivation, a deletion and a revocation end exactly the sessions, access tokens, links and familiar browsers of [the table](reference/endings.md)",
    "V7.4.1, V7.4.2, V7.4.3",
    walked,
  ],
];

const file = "src/auth/endings.ts";

export const guards: readonly Guard[] = [
  [file, 'sessions === "none" ? 0 :', 'sessions !== "all" ? 0 :', walked],
  [
    file,
    '  if (accessTokens === "all") await revokeAccessTokensOfUser(transaction, userId, because);\n',
    "",
    walked,
  ],
  [file, '  if (links !== "none") await', '  if (links === "all") await', walked],
  [file, '  if (browsers === "all") await forgetDevicesOf(transaction, userId);\n', "", walked],
];
