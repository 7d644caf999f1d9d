// OpenTelemetry, if the operator has loaded an SDK before this program. Otherwise null: nothing of it is loaded, and nothing is spent.
import { createRequire } from "node:module";
import type { Tracer } from "@opentelemetry/api";

type Api = typeof import("@opentelemetry/api");

export interface Tracing {
  readonly api: Api;
  readonly tracer: Tracer;
}

/** What the API keeps here is shared by all copies of it. Loading the API to ask takes 28 ms and 5 MB. */
const shared: unknown = Reflect.get(globalThis, Symbol.for("opentelemetry.js.api.1"));

/** An SDK was loaded, whether we can use it or not. */
export const hasSdk: boolean = typeof shared === "object" && shared !== null && "trace" in shared;

const findTracing = (): Tracing | null => {
  if (!hasSdk) return null;
  // Not `await import`: it would change the order in which modules run, and with it that of the fields of the schema.
  const api = createRequire(import.meta.url)("@opentelemetry/api") as Api;
  const provider = api.trace.getTracerProvider();
  // Our copy's own, which leads nowhere: what is registered is of an older API.
  if (provider instanceof api.ProxyTracerProvider && provider.getDelegateTracer("graphward") === undefined)
    return null;
  return { api, tracer: provider.getTracer("graphward") };
};

/** Decided once, before anything is made that could be traced. */
export const tracing: Tracing | null = findTracing();

/** For what an SDK keeps for its next export. Resolves after `grace` milliseconds at the latest. */
export const flushSpans = async (grace: number): Promise<void> => {
  if (tracing === null) return;
  const provider: unknown = tracing.api.trace.getTracerProvider();
  const real = provider instanceof tracing.api.ProxyTracerProvider ? provider.getDelegate() : provider;
  if (!isFlushable(real)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, grace);
  // A collector that is gone must not change how the process ends.
  void real.forceFlush().then(resolve, () => resolve());
  await promise;
  clearTimeout(timer);
};

const isFlushable = (provider: unknown): provider is { forceFlush(): Promise<void> } =>
  typeof provider === "object" &&
  provider !== null &&
  "forceFlush" in provider &&
  typeof provider.forceFlush === "function";
