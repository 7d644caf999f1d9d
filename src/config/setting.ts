// A setting: one environment variable with its default and its description, from which the documents are generated.
import { z } from "zod";

export interface Setting<Value = unknown> {
  /** Its name in the environment. */
  readonly variable: string;
  /** For operators: `.env.example` and docs/reference/settings.md show it. */
  readonly text: string;
  /** As an operator would write it. Null: there is no default. */
  readonly default: string | null;
  /** For a setting whose default is not a good example. */
  readonly example: string | null;
  /** In production, this setting is required when the named one is set. */
  readonly requiredWith: string | null;
  /** May stand in a file instead, which the variable with `_FILE` behind its name names. */
  readonly isSecret: boolean;
  readonly schema: z.ZodType<Value>;
}

export type ValuesOf<Settings> = {
  readonly [Key in keyof Settings]: Settings[Key] extends Setting<infer Value> ? Value : never;
};

interface About {
  readonly text: string;
  readonly example?: string;
  readonly requiredWith?: string;
  readonly isSecret?: true;
}

/** The default is parsed like a value from the environment. */
export function setting<Value>(
  variable: string,
  about: About & { readonly default: string; readonly schema: z.ZodType<Value, string> },
): Setting<Value> {
  return describe(variable, { ...about, schema: about.schema.prefault(about.default) });
}

/** Has the value `otherwise` when the variable is not set. */
export function optionalSetting<Value, Otherwise>(
  variable: string,
  about: About & { readonly schema: z.ZodType<Value, string>; readonly otherwise: Otherwise },
): Setting<Value | Otherwise> {
  const schema = about.schema.optional().transform((value): Value | Otherwise => value ?? about.otherwise);
  return describe(variable, { ...about, schema });
}

export function onOrOff(variable: string, fallback: boolean, text: string): Setting<boolean> {
  const schema = z
    .enum(["on", "off"], { error: "must be on or off" })
    .transform((value) => value === "on") as z.ZodType<boolean, string>;
  return setting(variable, { text, default: fallback ? "on" : "off", schema });
}

/** Every problem at once, each with the name of its variable. */
export function readSettings<Settings extends Readonly<Record<string, Setting>>>(
  settings: Settings,
  given: NodeJS.ProcessEnv,
): { readonly values: ValuesOf<Settings> | null; readonly problems: readonly string[] } {
  const entries = Object.entries(settings);
  const written = Object.fromEntries(entries.map(([key, { variable }]) => [key, given[variable]]));
  const parsed = objectOf(settings).safeParse(written);
  if (parsed.success) return { values: parsed.data as ValuesOf<Settings>, problems: [] };
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${settings[String(path[0])]?.variable ?? ""}: ${message}`,
  );
  return { values: null, problems };
}

/** zod compiles an object when it first parses with it. */
const objects = new WeakMap<object, z.ZodObject>();

function objectOf(settings: Readonly<Record<string, Setting>>): z.ZodObject {
  const known = objects.get(settings);
  if (known !== undefined) return known;
  const shape = Object.entries(settings).map(([key, { schema }]) => [key, schema] as const);
  const made = z.object(Object.fromEntries(shape));
  objects.set(settings, made);
  return made;
}

export function commaSeparated(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function describe<Value>(
  variable: string,
  about: About & { readonly default?: string; readonly schema: z.ZodType<Value> },
): Setting<Value> {
  const { text, schema, default: fallback = null, example = null, requiredWith = null } = about;
  return {
    variable,
    text,
    default: fallback,
    example,
    requiredWith,
    isSecret: about.isSecret === true,
    schema,
  };
}
