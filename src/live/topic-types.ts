// The topics of an application and the payloads of their events, for TypeScript.

/**
 * An application adds its own: `declare module "graphward" { interface Topics { TASK_CHANGED: { id: string } } }`. Then `publish`
 * takes these topics only, each with its payload, which is plain JSON.
 */
// biome-ignore lint/suspicious/noEmptyInterface: the application's module adds to it
export interface Topics {}

export type TopicName = [keyof Topics] extends [never] ? string : keyof Topics & string;

export type PayloadOf<Topic extends string> = Topic extends keyof Topics
  ? Topics[Topic]
  : Readonly<Record<string, unknown>>;

/** A subscription would get a Date as a string, a Map as an empty object and a function not at all, whatever its type says. */
export type PlainJson<Value> = unknown extends Value
  ? Value
  : Value extends string | number | boolean | null | undefined
    ? Value
    : Value extends NotJson
      ? "a payload is plain JSON: write a Date or a bigint as a string, a Map or a Set as an array"
      : { [Key in keyof Value]: PlainJson<Value[Key]> };

type NotJson =
  | bigint
  | symbol
  | Date
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ((...given: never[]) => unknown);
