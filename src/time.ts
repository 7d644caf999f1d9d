// Durations: each one is written with its unit, and is a number of milliseconds.

export const milliseconds = (count: number): number => count;
export const seconds = (count: number): number => milliseconds(count * 1000);
export const minutes = (count: number): number => seconds(count * 60);
export const hours = (count: number): number => minutes(count * 60);
export const days = (count: number): number => hours(count * 24);

export const toSeconds = (duration: number): number => Math.ceil(duration / seconds(1));
