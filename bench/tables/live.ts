// What open subscriptions cost: memory, CPU while nothing happens, one event to thousands, and many events to a hundred.
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { kibibytes } from "../../src/sizes.ts";
import { seconds } from "../../src/time.ts";
import { startStreams } from "../loads/streams.ts";
import { fillSessions } from "../rows/session.ts";
import { type CpuTime, readCpuTime } from "../servers/cpu-time.ts";
import { connect } from "../servers/database.ts";
import { startLiveApplication } from "../servers/live-application.ts";
import { startPeer } from "../servers/peer.ts";
import { readResidentSize } from "../servers/resident-size.ts";
import type { Server } from "../servers/server.ts";
import { type NamedTable, type Setting, tell } from "../setting.ts";
import { median, percentile } from "../statistics.ts";
import { countCell, microsecondsCell, millisecondsCell } from "../table.ts";

const wanted = 10_000;
/** Open before the first measurement: V8 has compiled the code, and has its first memory. */
const firstStreams = 1_000;
const streamsOfSession = 10;
const events = 15;
const rest = seconds(15);
/** So many streams, with so many events a second. */
const busyStreams = 100;
const perSecond = 100;
const busyFor = 10;
/** The time until V8 has compiled the hot code. */
const warmUpFor = 5;

export const liveTable: NamedTable = {
  name: "live",
  description: "10,000 idle streams, one event to all of them, and 100 events a second to 100",
  async measure(setting) {
    const count = Math.min(wanted, findOpenFiles() - 200);
    const fewer = count < wanted ? `: the limit of open files allows no ${countCell(wanted)}` : "";
    const { cleanup, cores } = setting;
    const server = await startLiveApplication(cleanup, cores.server, count);
    const headers = await makeSessions(setting, server, Math.ceil(count / streamsOfSession));
    const ours = await measureStreams(setting, server, headers, count);
    const yoga = await startPeer(cleanup, cores.server, "yoga-live");
    const theirs = await measureStreams(setting, yoga, [{}], count);
    return {
      heading: `${countCell(count)} streams of server-sent events on one server${fewer}; an event to all of them, median of ${events}, from its mutation to the last stream; then ${perSecond} events a second to ${busyStreams} streams, with their mutations, for ${busyFor} s`,
      columns: [
        "",
        "KiB/stream",
        "CPU at rest",
        "ms/event",
        "CPU us/event/stream",
        `${perSecond}/s to ${busyStreams}: ms p50`,
        "p99",
        "CPU us/event/stream",
        "database's",
      ],
      rows: [
        ["Graphward, each stream of a session, each event authorised", ...cellsOf(ours)],
        ["Yoga, pub/sub in memory, no accounts", ...cellsOf(theirs)],
      ],
    };
  },
};

interface Measured {
  readonly memory: number | null;
  /** Of one core. */
  readonly atRest: number | null;
  readonly event: number | null;
  readonly cpu: number | null;
  readonly busy: Busy;
}

/** Many events to a hundred streams. */
interface Busy {
  readonly latencies: readonly number[];
  /** Of one event to one stream. */
  readonly cpu: number | null;
  readonly databaseCpu: number | null;
}

const measureStreams = async (
  { cleanup, cores }: Setting,
  { url, processId }: Server,
  headers: readonly Readonly<Record<string, string>>[],
  count: number,
): Promise<Measured> => {
  const streams = startStreams(cleanup, cores.load);
  const [first = {}] = headers;
  let number = 1;
  const send = async () =>
    (await streams.run({ act: "send", url, headers: first, number: number++ })).latencies[0] ?? null;
  const sendFor = async (duration: number) => {
    const count = perSecond * duration;
    const order = { act: "send steadily", url, headers: first, number, count, perSecond } as const;
    number += count;
    return (await streams.run(order)).latencies;
  };
  tell(`${busyStreams} streams of ${url}`);
  await streams.run({ act: "open", url, headers, count: busyStreams });
  await sendFor(warmUpFor);
  let latencies: readonly number[] = [];
  const spent = await cpuOf(processId, async () => {
    latencies = await sendFor(busyFor);
  });
  const ofOne = (cpu: number | null) => cpu && cpu / latencies.length / busyStreams;
  const busy = { latencies, cpu: ofOne(spent.own), databaseCpu: ofOne(spent.children) };
  tell(`${countCell(firstStreams)} streams of ${url}`);
  await streams.run({ act: "open", url, headers, count: firstStreams - busyStreams });
  for (let index = 0; index < 10; index += 1) await send();
  await delay(seconds(2));
  const before = await readResidentSize(processId);
  tell(`${countCell(count)} streams of ${url}`);
  await streams.run({ act: "open", url, headers, count: count - firstStreams });
  await delay(seconds(2));
  const after = await readResidentSize(processId);
  const { own: atRest } = await cpuOf(processId, () => delay(rest));
  tell("events");
  // Once to all of them, before it is measured.
  await send();
  const durations: (number | null)[] = [];
  const { own: cpu } = await cpuOf(processId, async () => {
    for (let index = 0; index < events; index += 1) durations.push(await send());
  });
  return {
    memory: before === null || after === null ? null : (after - before) / (count - firstStreams),
    atRest: atRest === null ? null : atRest / rest,
    event: median(durations),
    cpu: cpu === null ? null : cpu / events / count,
    busy,
  };
};

const cpuOf = async (processId: number, work: () => Promise<unknown>): Promise<CpuTime> => {
  const before = await readCpuTime(processId);
  await work();
  const after = await readCpuTime(processId);
  const spent = (start: number | null, end: number | null) =>
    start === null || end === null ? null : end - start;
  return { own: spent(before.own, after.own), children: spent(before.children, after.children) };
};

/** As many as the bounds of a session and of a user ask for. */
const makeSessions = async (
  { cleanup }: Setting,
  server: Awaited<ReturnType<typeof startLiveApplication>>,
  count: number,
): Promise<readonly { readonly authorization: string }[]> => {
  const tokens = await fillSessions(await connect(cleanup, server), { count, tokens: count });
  return tokens.map((authorization) => ({ authorization }));
};

/** Node has raised its own to the hard limit, and so will the programs that it starts. */
const findOpenFiles = (): number => {
  if (process.platform !== "linux") return wanted + 200;
  const [, hard] = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return hard === undefined ? Number.POSITIVE_INFINITY : Number(hard);
};

const cellsOf = ({ memory, atRest, event, cpu, busy }: Measured): readonly string[] => [
  memory === null ? "?" : (memory / kibibytes(1)).toFixed(1),
  atRest === null ? "?" : `${(atRest * 100).toFixed(1)} %`,
  millisecondsCell(event),
  microsecondsCell(cpu),
  millisecondsCell(median(busy.latencies)),
  millisecondsCell(percentile(busy.latencies, 0.99)),
  microsecondsCell(busy.cpu),
  busy.databaseCpu ? microsecondsCell(busy.databaseCpu) : "",
];
