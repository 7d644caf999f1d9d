// The skeleton of a name: equal for names that look alike (UTS 39, section 4).
import { confusables } from "./confusables.ts";

/**
 * Lower case in between, because names are shown as they were typed, and are the same in either case: `paypaI`, `PAYPA1` and `paypal`
 * have one skeleton. Only for comparing: it is no name itself.
 */
export const skeletonOf = (name: string): string => replaced(replaced(name).toLowerCase());

const replaced = (text: string): string => {
  const table = findTable();
  return [...text.normalize("NFD")]
    .map((character) => table.get(character) ?? character)
    .join("")
    .normalize("NFD");
};

let parsed: ReadonlyMap<string, string> | undefined;

/** Parsed when the first name is compared: commands that compare none do not wait for it. */
const findTable = (): ReadonlyMap<string, string> =>
  (parsed ??= new Map(confusables.trim().split(/\s+/).map(readPair)));

const readPair = (pair: string): readonly [from: string, to: string] => {
  const [from = "", to = ""] = pair.split("=").map((characters) => readHex(characters.split("+")));
  return [from, to];
};

const readHex = (codes: readonly string[]): string =>
  String.fromCodePoint(...codes.map((code) => Number.parseInt(code, 16)));
