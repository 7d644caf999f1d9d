// Values that are often available at once: awaiting them would cost more than using them.

export type PromiseOrValue<Value> = Value | Promise<Value>;

/** Like `then`, but synchronous when the value is available. */
export const whenKnown = <Value, Result>(
  value: PromiseOrValue<Value>,
  use: (value: Value) => PromiseOrValue<Result>,
): PromiseOrValue<Result> => (value instanceof Promise ? value.then(use) : use(value));
