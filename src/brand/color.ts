// A brand's color, and what is readable on it and beside it. WCAG 2.2, 1.4.3: a contrast of at least 4.5.

export interface Shades {
  /** The ground of a button: the brand's own color. */
  readonly ground: string;
  /** The same, under the pointer. */
  readonly strong: string;
  /** Text on both. */
  readonly text: "#000000" | "#ffffff";
  /** Readable on the paper: text, and the edge of a button. The brand's own color, or its nearest mixture. */
  readonly accent: string;
}

export interface BrandColor {
  readonly onWhite: Shades;
  readonly onDark: Shades;
}

const minContrast = 4.5;

/** `--paper` of page.css in the dark scheme. */
const darkPaper = "#181d24";

/** Throws an error for developers. */
export function openColor(text: string): BrandColor {
  if (!/^#(?:[0-9a-f]{3}){1,2}$/i.test(text))
    throw new Error(`brand.color must be a color such as #0b5cad, but is ${JSON.stringify(text)}.`);
  const color = text.length === 4 ? text.replaceAll(/[^#]/g, "$&$&") : text;
  return { onWhite: shadesOf(color, white, black), onDark: shadesOf(color, darkPaper, white) };
}

export function contrastOf(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

const white = "#ffffff";
const black = "#000000";

const shadesOf = (color: string, paper: string, ink: string): Shades => {
  const mixtures = Array.from({ length: 21 }, (_, step) => mix(color, ink, step / 20));
  const accent = mixtures.find((mixture) => contrastOf(mixture, paper) >= minContrast) ?? ink;
  // One of the two has a contrast of 4.58 or more with any color.
  const text = contrastOf(color, white) >= minContrast ? white : black;
  return { ground: color, strong: mix(color, text === white ? black : white, 0.25), text, accent };
};

const channelsOf = (color: string): readonly number[] =>
  [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16));

const mix = (color: string, other: string, share: number): string => {
  const others = channelsOf(other);
  const mixed = channelsOf(color).map((channel, index) =>
    Math.round(channel + ((others[index] ?? 0) - channel) * share),
  );
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
};

/** WCAG 2.2, "relative luminance". */
const luminanceOf = (color: string): number => {
  const [red = 0, green = 0, blue = 0] = channelsOf(color).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
