// An entry of the cookie of familiar browsers: one account, as text. It says nothing about the signature.

export type Cookies = Readonly<Record<string, string | undefined>>;

export interface Entry {
  /** Which account, without its id. */
  readonly account: string;
  /** The browser's id, for its count of attempts. */
  readonly id: string;
  readonly signature: string;
}

export const writeEntry = ({ account, id, signature }: Entry): string => `${account}.${id}.${signature}`;

export const readEntry = (text: string): Entry | null => {
  const [, account, id, signature] = /^([\w-]{12})\.([\w-]{22})\.([\w-]{43})$/.exec(text) ?? [];
  return account && id && signature ? { account, id, signature } : null;
};
