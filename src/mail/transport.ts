// Delivery by a function of the application, such as a call of a mail service's HTTP API.
import { seconds } from "../time.ts";
import { type Deliver, DeliveryFailure } from "./delivery.ts";

export interface MailMessage {
  readonly from: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly subject: string;
  /** Both bodies may contain a link with a secret: log neither. */
  readonly text: string;
  readonly html: string;
  /** The same at every attempt: the key of idempotency for the service. */
  readonly messageId: string;
  readonly template: string;
}

/** Throw when the message was not accepted: it is tried again, for two days. Pass the signal on: it ends the attempt. */
export type MailTransport = (
  message: MailMessage,
  options: { readonly signal: AbortSignal },
) => Promise<void>;

const deadline = seconds(60);

export const createTransportDelivery =
  (transport: MailTransport): Deliver =>
  async ({ from, to, subject, text, html, messageId, template }, stopped) => {
    const signal = AbortSignal.any([stopped, AbortSignal.timeout(deadline)]);
    const message = { from: { ...from }, to, subject, text, html, messageId, template };
    try {
      // A transport that ignores the signal must not hold a worker.
      await Promise.race([transport(message, { signal }), whenAborted(signal)]);
    } catch (error) {
      // Its text may quote the message, or a key of the service's API.
      throw new DeliveryFailure(`mail.transport failed: ${describe(error)}`);
    }
  };

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });

/** The status of an HTTP client's error tells most. */
const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return typeof error;
  const status = "status" in error ? Number(error.status) : Number.NaN;
  const name = /^\w{1,60}$/.test(error.name) ? error.name : "Error";
  return Number.isInteger(status) ? `${name} ${status}` : name;
};
