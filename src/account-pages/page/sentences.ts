// The texts of the page for a refusal, shown beside the field or above the button.
import type { Refusal } from "./mutation.ts";
import { findText, say } from "./texts.ts";

export interface Complaint {
  /** Shown beside the page's only field. */
  readonly ofField: string | null;
  readonly ofForm: string | null;
}

/** The link will never work again, so the page removes its form and shows a text of its own. */
export const isLinkDead = ({ code }: Refusal): boolean => code === "INVALID_TOKEN";

/** `wrong`: the text for what was typed, where it is no password. */
export const complaintOf = (refusal: Refusal, wrong = say("wrongPassword")): Complaint => {
  const { code, fields, retryAfter, requestId } = refusal;
  switch (code) {
    case "BAD_USER_INPUT": {
      const ofField = fields
        .filter(({ field }) => field !== "token")
        // The server's own message is English.
        .map(({ rule, message }) => findText(rule) ?? message);
      return ofField.length > 0 ? beside(ofField.join(" ")) : above(say("incompleteLink"));
    }
    case "UNAUTHENTICATED":
      return beside(say("notLoggedIn"));
    case "INVALID_CREDENTIALS":
      return beside(wrong);
    case "RATE_LIMITED":
      return above(say("tooManyAttempts", { wait: describeWait(retryAfter) }));
    case "SERVICE_UNAVAILABLE":
      return above(say("unavailable", { wait: describeWait(retryAfter) }));
    case "UNREACHABLE":
      return above(say("unreachable"));
    default: {
      const reference = requestId === null ? "" : ` ${say("reference", { reference: requestId })}`;
      return above(`${say("failed")}${reference}`);
    }
  }
};

/** For a form without a field. */
export const aboveOnly = (refusal: Refusal): Complaint => {
  const { ofField, ofForm } = complaintOf(refusal);
  return above(ofForm ?? ofField ?? "");
};

const beside = (ofField: string): Complaint => ({ ofField, ofForm: null });
const above = (ofForm: string): Complaint => ({ ofField: null, ofForm });

const describeWait = (seconds: number | null): string => {
  if (seconds === null || seconds <= 5) return say("soon");
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang);
  if (seconds < 90) return format.format(Math.ceil(seconds), "second");
  return seconds < 5400
    ? format.format(Math.ceil(seconds / 60), "minute")
    : format.format(Math.ceil(seconds / 3600), "hour");
};
