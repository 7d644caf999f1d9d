// Delivery by SMTP, with a timeout for every wait.
import { createTransport } from "nodemailer";
import type { MailSettings } from "../config/mail.ts";
import { seconds } from "../time.ts";
import { type Deliver, DeliveryFailure, type Envelope, mailOptions } from "./delivery.ts";
import { onOneLine } from "./render.ts";

/** A server that responds byte by byte must not hold a worker. */
const deadline = seconds(60);

type Server = NonNullable<MailSettings["smtp"]>;

const createSmtpTransport = (server: Server) =>
  createTransport({
    ...server.options,
    name: server.greeting,
    host: server.host,
    ...(server.port !== null && { port: server.port }),
    secure: server.isTlsFromStart,
    requireTLS: server.isTlsRequired,
    ...(server.login && { auth: { ...server.login } }),
    dnsTimeout: seconds(10),
    connectionTimeout: seconds(10),
    greetingTimeout: seconds(10),
    socketTimeout: seconds(30),
    socketCloseTimeout: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

export const createSmtpDelivery = (server: Server): Deliver => {
  const transport = createSmtpTransport(server);
  return async (message, signal) => {
    const ends = AbortSignal.any([signal, AbortSignal.timeout(deadline)]);
    try {
      await transport.sendMail({ ...mailOptions(message), signal: ends });
    } catch (error) {
      throw new DeliveryFailure(describeFailure(error));
    }
  };
};

/**
 * For an operator's test message, which holds no link: returns what the server said, and throws an error that says it too. Never
 * logged or stored.
 */
export const sendAndQuote = async (server: Server, message: Envelope): Promise<string> => {
  try {
    const signal = AbortSignal.timeout(deadline);
    const { response } = await createSmtpTransport(server).sendMail({ ...mailOptions(message), signal });
    return onOneLine(response);
  } catch (error) {
    const said = error instanceof Error && "response" in error ? onOneLine(String(error.response)) : "";
    throw new Error(`${describeFailure(error)}${said === "" ? "" : `\nIt said: ${said}`}`);
  }
};

/** Codes only: a filter that rejects a message often quotes the rejected link. */
const describeFailure = (error: unknown): string => {
  const text = (name: string, shape: RegExp): string | null => {
    const value = error instanceof Error && name in error ? String(error[name as keyof Error]) : "";
    return shape.exec(value)?.[1] ?? null;
  };
  const status = text("responseCode", /^(\d{3})$/);
  const enhanced = text("response", /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/);
  const command = text("command", /^([A-Z]{3,8}(?: [A-Z]{2,8})?)$/);
  const code = text("originalCode", /^(E[A-Z0-9_]+)$/) ?? text("code", /^(E[A-Z0-9_]+)$/);
  const parts = status === null ? [code ?? "unknown reason"] : [status, enhanced];
  const answer = parts.filter((part) => part !== null).join(" ");
  return `The mail server ${status === null ? "is not available" : "refused"}: ${answer}${command === null ? "" : ` (${command})`}`;
};
