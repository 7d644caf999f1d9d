// The settings of Redis: where it is, whom it must prove to be, and which keys are ours.
import { z } from "zod";
import { readCertificates } from "./database/tls.ts";
import { leavesTheMachine } from "./network/hosts.ts";
import { optionalSetting, setting } from "./setting.ts";

export interface RedisServer {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly user: string | null;
  readonly password: string | null;
  readonly database: number;
}

export const redisSettings = () => ({
  redisServer: optionalSetting("REDIS_URL", {
    text: "A Redis (6 or later) or Valkey that all servers share: rate limits count there, and notices of revocations and live events take that way. Optional: without it, or while it does not respond, PostgreSQL does both. `rediss:` is TLS. Not a Redis Cluster.",
    example: "rediss://graphward:password@redis.example.com:6379/0",
    isSecret: true,
    schema: z.string().transform(toServer),
    otherwise: null,
  }),
  redisCa: optionalSetting("REDIS_CA", {
    text: "The certificate of the authority that signed the certificate of Redis: a PEM file, or its text. Without it, that must be a public authority.",
    example: "/etc/ssl/certs/redis-ca.pem",
    schema: z.string().transform(toCertificates),
    otherwise: null,
  }),
  redisPrefix: setting("REDIS_PREFIX", {
    text: "Begins the name of each key and channel in Redis. Give each environment its own if several share one Redis.",
    default: "graphward",
    schema: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, "must be at most 40 lower-case letters, digits, - and _"),
  }),
});

/** Whether an attacker on the network can read the connection, or pretend to be Redis. */
export function isRedisOverheard({ host, isTls }: RedisServer): boolean {
  return !isTls && leavesTheMachine({ hostname: host });
}

/** Whether anybody who reaches it may change the counts. */
export function isRedisOpen({ host, password }: RedisServer): boolean {
  return password === null && leavesTheMachine({ hostname: host });
}

/** What does not fit together. */
export function findRedisProblems(values: {
  readonly redisServer: RedisServer | null;
  readonly redisCa: string | null;
}): readonly string[] {
  if (values.redisCa === null || values.redisServer?.isTls === true) return [];
  return [
    "REDIS_CA: is set, but REDIS_URL does not begin with rediss://; a certificate is checked only there",
  ];
}

// No part of the URL is quoted: it may be a part of the password.
const shape =
  "must look like rediss://user:password@redis.example.com:6379/0; in the user and the password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25";

function toServer(text: string, context: z.RefinementCtx): RedisServer {
  const url = URL.canParse(text) ? new URL(text) : null;
  const path = /^\/?(\d{0,4})$/.exec(url?.pathname ?? "");
  if (
    url === null ||
    !/^rediss?:$/.test(url.protocol) ||
    url.hostname === "" ||
    path === null ||
    url.search !== "" ||
    url.hash !== "" ||
    // The host of a URL that is none of the web's may hold anything.
    !/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/i.test(url.hostname)
  ) {
    context.addIssue(shape);
    return z.NEVER;
  }
  const [user, password] = [decode(url.username), decode(url.password)];
  if (user === undefined || password === undefined) {
    context.addIssue(shape);
    return z.NEVER;
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 6379 : Number(url.port),
    isTls: url.protocol === "rediss:",
    user: user || null,
    password: password || null,
    database: Number(path[1]),
  };
}

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

function toCertificates(text: string, context: z.RefinementCtx): string {
  const certificates = readCertificates(text);
  if (certificates !== null) return certificates;
  context.addIssue("needs the path of a PEM file with certificates, or their PEM text");
  return z.NEVER;
}
