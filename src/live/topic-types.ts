// The topics of an application and the payloads of their events, for TypeScript.

/**
 * An application adds its own: `declare module "graphward" { interface Topics { TASK_CHANGED: { id: string } } }`. Then `publish`
 * takes these topics only, each with its payload.
 */
// biome-ignore lint/suspicious/noEmptyInterface: the application's module adds to it
export interface Topics {}

export type TopicName = [keyof Topics] extends [never] ? string : keyof Topics & string;

export type PayloadOf<Topic extends string> = Topic extends keyof Topics
  ? Topics[Topic]
  : Readonly<Record<string, unknown>>;
