// Whose service it is: shown in mails, on the account pages, the front page and the explorer.
import { hasInvisibleCharacters } from "../auth/text/characters.ts";
import { findEmailProblem } from "../auth/text/emails.ts";
import { type BrandColor, openColor } from "./color.ts";
import { type Logo, openLogo } from "./logo.ts";

export interface BrandDefinition {
  /** In mails and on pages instead of the host of PUBLIC_URL. At most 60 characters. */
  readonly name: string;
  /** A PNG, JPEG, WebP or SVG file of at most 100 KiB, as a path below the directory of graphward.config.ts. On pages only. */
  readonly logo?: string;
  /** The color of buttons, such as `#0b5cad`. It is darkened or lightened where it would not be readable. */
  readonly color?: string;
  /** An email for readers who need help, in mails and on pages. */
  readonly supportAddress?: string;
}

export interface Brand {
  /** Null: the host of PUBLIC_URL. */
  readonly name: string | null;
  readonly logo: Logo | null;
  readonly color: BrandColor | null;
  readonly supportAddress: string | null;
}

/** A logo is read below `root`. Throws an error for developers. */
export function openBrand(definition: BrandDefinition | undefined, root: string): Brand {
  if (definition === undefined) return { name: null, logo: null, color: null, supportAddress: null };
  const { name, logo, color, supportAddress = null } = definition;
  for (const key of Object.keys(definition))
    if (!keys.has(key)) throw new Error(`brand has no key ${key}. It has: ${[...keys].join(", ")}.`);
  requireName(name);
  if (supportAddress !== null && findEmailProblem(supportAddress) !== null)
    throw new Error(
      `brand.supportAddress must be an email, but ${JSON.stringify(supportAddress)} is not valid.`,
    );
  return {
    name,
    logo: logo === undefined ? null : openLogo(logo, root),
    color: color === undefined ? null : openColor(color),
    supportAddress,
  };
}

const keys: ReadonlySet<string> = new Set(["name", "logo", "color", "supportAddress"]);

const maxNameLength = 60;

/** It is in headers and sentences: a line break would end them, and a character that turns the direction would reorder them. */
const requireName = (name: string): void => {
  const isName = typeof name === "string" && name.trim() === name && name !== "";
  if (!isName || [...name].length > maxNameLength || hasInvisibleCharacters(name))
    throw new Error(
      `brand.name must have 1 to ${maxNameLength} visible characters, and no space at its ends.`,
    );
};
