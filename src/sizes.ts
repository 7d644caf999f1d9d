// Sizes in bytes, each written with its unit.

export const bytes = (count: number): number => count;
export const kibibytes = (count: number): number => bytes(count * 1024);
