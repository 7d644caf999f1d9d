// The settings of the process: production or not, where it listens, and how much it logs.
import { z } from "zod";
import { setting } from "./setting.ts";

export const processSettings = (production: boolean) => ({
  production: setting("NODE_ENV", {
    text: "`production` turns the explorer and introspection off, listens on all interfaces, and requires `SESSION_SECRET`, `AUDIT_KEY` and `PUBLIC_URL` when `DATABASE_URL` is set. The other values are `development` and `test`.",
    default: "development",
    schema: z
      .enum(["development", "production", "test"])
      .transform((mode) => mode === "production") as z.ZodType<boolean, string>,
  }),
  port: setting("PORT", {
    text: "The port to listen on.",
    default: "4000",
    schema: z
      .string()
      .regex(/^\d{1,5}$/, "must be a port number")
      .transform(Number)
      .refine((port) => port <= 65_535, "must be at most 65535"),
  }),
  host: setting("HOST", {
    text: "The address to listen on.",
    default: production ? "0.0.0.0" : "127.0.0.1",
    schema: z.string(),
  }),
  logLevel: setting("LOG_LEVEL", {
    text: "`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`. Requests are logged at `info`.",
    default: "info",
    schema: z.enum(logLevels) as z.ZodType<LogLevel, string>,
  }),
});

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
type LogLevel = (typeof logLevels)[number];
