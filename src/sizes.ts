// Sizes: each one is written with its unit, and is a number of bytes.

export const bytes = (count: number): number => count;
export const kibibytes = (count: number): number => bytes(count * 1024);
