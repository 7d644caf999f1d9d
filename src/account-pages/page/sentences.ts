// The texts of the page for a refusal, shown beside the field or above the button.
import type { Refusal } from "./mutation.ts";

export interface Complaint {
  /** Shown beside the page's only field. */
  readonly ofField: string | null;
  readonly ofForm: string | null;
}

/** The link will never work again, so the page removes its form and shows a text of its own. */
export const isLinkDead = ({ code }: Refusal): boolean => code === "INVALID_TOKEN";

export const complaintOf = (refusal: Refusal): Complaint => {
  const { code, fields, retryAfter, requestId } = refusal;
  switch (code) {
    case "BAD_USER_INPUT": {
      const ofField = fields.filter(({ field }) => field !== "token").map(({ message }) => message);
      return ofField.length > 0 ? beside(ofField.join(" ")) : above("This link is incomplete.");
    }
    case "UNAUTHENTICATED":
      return beside("You are not logged in to this account. Enter its password.");
    case "INVALID_CREDENTIALS":
      return beside("This is not the password of the account.");
    case "RATE_LIMITED":
      return above(`Too many attempts. Please try again ${describeWait(retryAfter)}.`);
    case "SERVICE_UNAVAILABLE":
      return above(`The service is not available. Please try again ${describeWait(retryAfter)}.`);
    case "UNREACHABLE":
      return above("The service could not be reached. Check your connection and try again.");
    default:
      return above(
        `Something went wrong. Please try again later.${requestId === null ? "" : ` Reference: ${requestId}`}`,
      );
  }
};

const beside = (ofField: string): Complaint => ({ ofField, ofForm: null });
const above = (ofForm: string): Complaint => ({ ofField: null, ofForm });

const describeWait = (seconds: number | null): string => {
  if (seconds === null || seconds <= 5) return "in a moment";
  if (seconds < 90) return `in ${Math.ceil(seconds)} seconds`;
  return seconds < 5400 ? `in ${Math.ceil(seconds / 60)} minutes` : `in ${Math.ceil(seconds / 3600)} hours`;
};
