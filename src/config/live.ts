// The settings of subscriptions.
import { getHeapStatistics } from "node:v8";
import { z } from "zod";
import { kibibytes } from "../sizes.ts";
import { onOrOff, setting } from "./setting.ts";

/** Measured, idle: see docs/decisions/live.md. The rest of the memory is for events and slow readers too. */
const memoryOfStream = kibibytes(20);

export const liveSettings = () => ({
  maxStreams: setting("MAX_STREAMS", {
    text: "How many subscriptions a process keeps open at once, or `auto`: as many as a quarter of its memory holds. Beyond that, clients are told to come back. A session may have 10, a user 50.",
    default: "auto",
    schema: z
      .string()
      .regex(/^(auto|\d{1,6})$/, "must be a number, at most 999999, or auto")
      .transform((text) => (text === "auto" ? streamsThatFit() : Number(text))),
  }),
  websocket: onOrOff(
    "WEBSOCKET",
    false,
    "`on` serves subscriptions also by WebSocket, at `/graphql`, to clients that can open no stream over HTTP. A browser's page must be of `ALLOWED_ORIGINS` or `PUBLIC_URL`. See [By WebSocket](../clients.md#by-websocket).",
  ),
});

/** Node knows the memory of its container, and has a part of it for objects. */
const streamsThatFit = (): number => Math.floor(getHeapStatistics().heap_size_limit / 4 / memoryOfStream);
