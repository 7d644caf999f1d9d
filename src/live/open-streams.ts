// The open streams of this server: how many there may be, and which of them end when a credential does.
import { beyondRequest } from "../database/connecting/patience.ts";
import { seconds } from "../time.ts";

/** A stream, as far as this room knows it. */
export interface OpenStream {
  /** Looks whether its credential still lives, in its turn; until then, no event is sent. Resolves when it has ended, or goes on. */
  recheck(inTurn?: InTurn): Promise<void>;
  /** Sends something that means nothing, so that proxies and clients see the stream alive. */
  beat(): void;
  end(ending: StreamEnding): void;
  /** On the monotonic clock. */
  readonly endsAt: number;
  /** Then its credential may have expired. On the monotonic clock. */
  checkAt: number;
}

/** Runs some work now or later, and resolves after it. */
export type InTurn = (work: () => Promise<void>) => Promise<void>;

/** `retry`: the client may open it again, here or on another server. */
export type StreamEnding = "retry" | "unauthenticated";

export interface StreamOwner {
  /** The id of a session or an access token; for nobody's streams, the network of the IP. */
  readonly credential: string;
  /** Null: nobody's. */
  readonly userId: string | null;
  /** Who acts as the user, and whose revocations concern the stream too. */
  readonly impersonatorId: string | null;
}

export type StreamBound = "credential" | "user" | "server";

export interface StreamPlace {
  /** From now on, the stream is checked and ended. */
  take(stream: OpenStream): void;
  leave(): void;
}

export interface OpenStreams {
  /** Returns the bound that is reached, if there is no place. */
  reserve(owner: StreamOwner): StreamPlace | StreamBound;
  count(): number;
  /** The bound of the server. */
  readonly most: number;
  /** `*`: everybody's. */
  recheck(userId: string | "*"): void;
  endAll(ending: StreamEnding): void;
}

export interface StreamBounds {
  readonly ofCredential: number;
  readonly ofUser: number;
  readonly ofServer: number;
}

/** The streams of one session or access token, and of one user. */
export const usualStreamBounds = { ofCredential: 10, ofUser: 50 } as const;

/** Proxies close connections that are silent for longer: nginx after 60 s, browsers' own after minutes. */
const beatEvery = 15;
/** A revocation of everybody's must not become a query for each stream at once. */
const maxChecks = 8;

export function createOpenStreams({ ofCredential, ofUser, ofServer }: StreamBounds): OpenStreams {
  /** With the second of their beats: a server with thousands of streams must not write to all at once. */
  const streams = new Map<OpenStream, number>();
  const counts = new Map<string, number>();
  /** Also those of the users that somebody acts as. */
  const ofUsers = new Map<string, Set<OpenStream>>();
  let reserved = 0;
  let second = 0;
  let timer: NodeJS.Timeout | null = null;
  const checking = createQueue(maxChecks);

  const countOf = (key: string) => counts.get(key) ?? 0;
  const add = (key: string, change: number) => {
    const count = countOf(key) + change;
    if (count === 0) counts.delete(key);
    else counts.set(key, count);
  };

  const tick = () => {
    second = (second + 1) % beatEvery;
    const now = performance.now();
    for (const [stream, beatAt] of streams) {
      if (now >= stream.endsAt) stream.end("retry");
      else if (now >= stream.checkAt) {
        // Asked again only when the answer is there.
        stream.checkAt = Number.POSITIVE_INFINITY;
        void stream.recheck(checking);
      } else if (beatAt === second) stream.beat();
    }
  };

  const keysOf = ({ credential, userId }: StreamOwner) => [
    `credential ${credential}`,
    ...(userId === null ? [] : [`user ${userId}`]),
  ];

  return {
    reserve(owner) {
      const { credential, userId, impersonatorId } = owner;
      const concerned = [userId, impersonatorId].filter((id) => id !== null);
      if (reserved >= ofServer) return "server";
      // Visitors of one IP are many people, as behind the NAT of a company.
      const most = userId === null ? ofUser : ofCredential;
      if (countOf(`credential ${credential}`) >= most) return "credential";
      if (userId !== null && countOf(`user ${userId}`) >= ofUser) return "user";
      reserved += 1;
      for (const key of keysOf(owner)) add(key, 1);
      let taken: OpenStream | null = null;
      let hasLeft = false;
      return {
        take(stream) {
          taken = stream;
          streams.set(stream, streams.size % beatEvery);
          for (const id of concerned) ofUsers.set(id, (ofUsers.get(id) ?? new Set()).add(stream));
          timer ??= beyondRequest(() => setInterval(tick, seconds(1)).unref());
        },
        leave() {
          if (hasLeft) return;
          hasLeft = true;
          reserved -= 1;
          for (const key of keysOf(owner)) add(key, -1);
          if (taken === null) return;
          streams.delete(taken);
          for (const id of concerned) {
            const others = ofUsers.get(id);
            others?.delete(taken);
            if (others?.size === 0) ofUsers.delete(id);
          }
          if (streams.size > 0 || timer === null) return;
          clearInterval(timer);
          timer = null;
        },
      };
    },
    count: () => streams.size,
    most: ofServer,
    recheck(userId) {
      if (userId === "*") for (const stream of streams.keys()) void stream.recheck(checking);
      else for (const stream of ofUsers.get(userId) ?? []) void stream.recheck();
    },
    endAll(ending) {
      for (const stream of [...streams.keys()]) stream.end(ending);
    },
  };
}

/** Runs at most so many at once, in order. */
const createQueue = (most: number): InTurn => {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < most) running += 1;
    // A stream that has ended leaves its place to the next one.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
};
