// Durations in milliseconds, each written with its unit.

export const milliseconds = (count: number): number => count;
export const seconds = (count: number): number => milliseconds(count * 1000);
export const minutes = (count: number): number => seconds(count * 60);
export const hours = (count: number): number => minutes(count * 60);
export const days = (count: number): number => hours(count * 24);

/** Parses a setting such as `400d`: s, m, h or d. */
export const findDuration = (text: string): number | null => {
  const [, count = "", unit = ""] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  const toMilliseconds = { s: seconds, m: minutes, h: hours, d: days }[unit];
  return toMilliseconds?.(Number(count)) ?? null;
};

/** Parses a setting such as `500ms` or `2s`. */
export const findShortDuration = (text: string): number | null => {
  const [, count = ""] = /^([1-9]\d{0,5})ms$/.exec(text) ?? [];
  return count === "" ? findDuration(text) : milliseconds(Number(count));
};

export const toSeconds = (duration: number): number => Math.ceil(duration / seconds(1));
