// How many cases a random test tries: few in `npm test`, many in `npm run test:long`.

const factor = Number(process.env.RUNS_FACTOR ?? 1);

export const manyRuns = (usual: number): number => Math.ceil(usual * factor);
