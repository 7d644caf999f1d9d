// Delivery by SMTP, with a timeout for every wait.
import { createTransport } from "nodemailer";
import type { SmtpServer } from "../config/mail.ts";
import { seconds } from "../time.ts";
import { type Deliver, DeliveryFailure, mailOptions } from "./delivery.ts";

/** A server that responds byte by byte must not hold a worker. */
const deadline = seconds(60);

export const createSmtpDelivery = (server: SmtpServer): Deliver => {
  const transport = createTransport({
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
  return async (message, signal) => {
    const ends = AbortSignal.any([signal, AbortSignal.timeout(deadline)]);
    try {
      await transport.sendMail({ ...mailOptions(message), signal: ends });
    } catch (error) {
      throw new DeliveryFailure(describeFailure(error));
    }
  };
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
