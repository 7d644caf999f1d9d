// Who reads a mail: by which name it greets, and in which language it is.

export interface Reader {
  /**
   * Null when the reader may be a stranger: a username is then another person's text, and mail programs
   * turn a name like `prizes.example` into a link.
   */
  readonly name: string | null;
  readonly locale: string | null;
}

export const stranger: Reader = { name: null, locale: null };

interface Named {
  readonly username: string;
  readonly displayName: string | null;
  readonly locale: string | null;
}

/** At an email that the user has proven, and still has. */
export const ownReader = ({ username, displayName, locale }: Named): Reader => ({
  name: displayName === null || looksLikeLink(displayName) ? username : displayName,
  locale,
});

/** At another email, whose reader knows the username. Whoever took the account over chose its display name. */
export const knownReader = ({ username, locale }: Named): Reader => ({ name: username, locale });

/** Mail programs make a link of it, which would stand in a mail of ours. `J. R. R. Tolkien` is none. */
const looksLikeLink = (text: string): boolean => /[/:@\\]|[.。．｡][^\s.]{2,}/.test(text);
