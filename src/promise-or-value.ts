// Values that are often here already: to wait for them all the same costs more than what is done with them.

export type PromiseOrValue<Value> = Value | Promise<Value>;

/** Like `then`, but at once when there is nothing to wait for. */
export const whenKnown = <Value, Result>(
  value: PromiseOrValue<Value>,
  use: (value: Value) => PromiseOrValue<Result>,
): PromiseOrValue<Result> => (value instanceof Promise ? value.then(use) : use(value));
