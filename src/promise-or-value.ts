// Values that are often here already: to wait for them all the same costs more than what is done with them.

export type Eventual<Value> = Value | Promise<Value>;

/** Like `then`, but at once when there is nothing to wait for. */
export const whenKnown = <Value, Result>(
  value: Eventual<Value>,
  use: (value: Value) => Eventual<Result>,
): Eventual<Result> => (value instanceof Promise ? value.then(use) : use(value));
