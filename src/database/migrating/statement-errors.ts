// PostgreSQL's own text in an error of MikroORM.

/** MikroORM puts the failed statement before PostgreSQL's text. */
export function textOf(error: unknown): string {
  const { message, cause } = error as Error;
  if (cause instanceof Error) return textOf(cause);
  return message.split(" - ").at(-1) ?? "";
}
