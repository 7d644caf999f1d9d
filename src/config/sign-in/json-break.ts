// Where a text stops being JSON. The error of JSON.parse() quotes the text, which may hold secrets, and often names no position.

/** "line 2, column 5", both from 1, of the first part that cannot stand there. Null: it is JSON. */
export function findBreak(text: string): string | null {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const isThere = pattern.test(text);
    if (isThere) at = pattern.lastIndex;
    // Also what comes next, whatever it is, begins behind the space.
    space.lastIndex = at;
    space.test(text);
    at = space.lastIndex;
    return isThere;
  };
  const takeItems = (takeItem: () => boolean, end: RegExp): boolean => {
    if (take(end)) return true;
    do if (!takeItem()) return false;
    while (take(/,/y));
    return take(end);
  };
  const takeMember = () => take(string) && take(/:/y) && takeValue();
  const takeValue = (): boolean => {
    if (take(/\[/y)) return takeItems(takeValue, /\]/y);
    if (take(/\{/y)) return takeItems(takeMember, /\}/y);
    return take(string) || take(scalar);
  };

  take(space);
  if (takeValue() && at === text.length) return null;
  const before = text.slice(0, at).split("\n");
  return `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`;
}

const space = /[ \t\r\n]*/y;
const string = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy;
const scalar = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])/y;
