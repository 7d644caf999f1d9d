// The application of these tests: things that happen in rooms, and whoever follows them. It needs no table.
import { sql } from "kysely";
import {
  AllowUnverified,
  Arg,
  Authorized,
  Charged,
  type Context,
  Ctx,
  CurrentViewer,
  Field,
  forbidden,
  ID,
  Impersonable,
  Int,
  Mutation,
  notFound,
  ObjectType,
  Public,
  publish,
  Query,
  Resolver,
  Root,
  Scope,
  type ServerDefinition,
  Subscription,
  type Viewer,
} from "../../src/package/index.ts";

export interface Happened {
  readonly room: string;
  readonly number: number;
}

@ObjectType()
class Happening {
  @Field(() => String)
  room!: string;

  @Field(() => Int)
  number!: number;

  @Field(() => ID, { description: "Whom the event was resolved for." })
  seenBy!: string;

  @Field(() => Int, { description: "How many events its context has seen." })
  ofContext!: number;
}

export interface CountingContext extends Context {
  readonly counter: { count: number };
}

/** A test may wait here, or throw: in the resolver of `happened`, and while `opened` is being opened. */
export const hooks = {
  resolve: async (_payload: Happened): Promise<void> => undefined,
  open: async (): Promise<void> => undefined,
  /** How many sources of `opened` were closed. */
  closed: 0,
};

const circular: Record<string, unknown> = {};
circular.itself = circular;

/** No event can have one of these. */
export const unfitPayloads = {
  oversized: { text: "x".repeat(7_200) },
  bignumber: { number: 1n },
  selfholding: circular,
  absent: undefined,
  callable: () => 1,
};

/** A test may lock one. */
export const lockedRooms = new Set<string>();
const seesRoom = async (_context: Context, room: string): Promise<boolean> => !lockedRooms.has(room);

/** A stream without events. */
const neverHappening = (): AsyncIterableIterator<{ readonly number: number }> => ({
  next: () => new Promise(() => undefined),
  return: async () => {
    hooks.closed += 1;
    return { done: true, value: undefined };
  },
  [Symbol.asyncIterator]() {
    return this;
  },
});

const toHappening = (
  { room, number }: Happened,
  viewer: Viewer | null,
  { counter }: CountingContext,
): Happening => {
  counter.count += 1;
  return { room, number, seenBy: viewer?.userId ?? "nobody", ofContext: counter.count };
};

@Resolver()
export class LiveResolver {
  @Scope("live:read")
  @Impersonable()
  @Subscription(() => Happening, {
    nullable: true,
    topics: "HAPPENED",
    filter: ({ payload, args, context }) => {
      context.counter.count += 1;
      return payload.room === args.room;
    },
  })
  async happened(
    @Arg("room", () => String) _room: string,
    @Root() payload: Happened,
    @CurrentViewer() viewer: Viewer,
    @Ctx() context: CountingContext,
  ): Promise<Happening> {
    await hooks.resolve(payload);
    if (payload.number < 0) throw notFound();
    return toHappening(payload, viewer, context);
  }

  @AllowUnverified()
  @Subscription(() => Int, { nullable: true, topics: ["HAPPENED", "ANNOUNCED"] })
  anything(@Root() { number }: Happened): number {
    return number;
  }

  @Authorized("live:watch")
  @Subscription(() => Int, { nullable: true, topics: "HAPPENED" })
  watched(@Root() { number }: Happened): number {
    return number;
  }

  @Public()
  @Scope("live:read")
  @Subscription(() => String, {
    nullable: true,
    topics: "ANNOUNCED",
    filter: async ({ context, payload }) => {
      const viewer = await context.findViewer();
      return payload.room !== "of users" || viewer !== null;
    },
  })
  async announced(@Ctx() context: Context): Promise<string> {
    return (await context.findViewer())?.userId ?? "nobody";
  }

  @Subscription(() => Int, {
    nullable: true,
    topics: "SENT",
    topicId: ({ context }) => context.findKnownUserId(),
  })
  sent(@Root() { number }: { readonly number: number }): number {
    return number;
  }

  @Subscription(() => Int, {
    nullable: true,
    topics: "ENTERED",
    topicId: async ({ args, context }) => {
      if (!(await seesRoom(context, args.room))) throw notFound();
      return args.room;
    },
    filter: ({ args, context }) => seesRoom(context, args.room),
  })
  entered(@Arg("room", () => ID) _room: string, @Root() { number }: { readonly number: number }): number {
    return number;
  }

  @Charged("secret.ip")
  @Subscription(() => Int, { nullable: true, topics: "HAPPENED" })
  charged(@Root() { number }: Happened): number {
    return number;
  }

  @Subscription(() => Int, {
    nullable: true,
    subscribe: async () => {
      await hooks.open();
      return neverHappening();
    },
  })
  opened(@Root() { number }: Happened): number {
    return number;
  }

  @Subscription(() => Int, {
    nullable: true,
    subscribe: async function* () {
      yield { number: 1 };
      yield { number: 2 };
    },
  })
  counted(@Root() { number }: Happened): number {
    return number;
  }

  @Subscription(() => Int, {
    nullable: true,
    subscribe: async function* () {
      yield { number: 1 };
      throw new Error("marguerite");
    },
  })
  broken(@Root() { number }: Happened): number {
    return number;
  }

  @Mutation(() => Boolean, { nullable: true, description: "In a transaction of MikroORM, with its context." })
  async happen(
    @Arg("room", () => String) room: string,
    @Arg("numbers", () => [Int]) numbers: number[],
    @Arg("fails", () => Boolean, { defaultValue: false }) fails: boolean,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await context.em.transactional(async () => {
      for (const number of numbers) await publish(context, "HAPPENED", { room, number });
      if (fails) throw forbidden();
    });
    return true;
  }

  @Mutation(() => Boolean, { nullable: true, description: "With the entity manager of the transaction." })
  async happenByManager(
    @Arg("numbers", () => [Int]) numbers: number[],
    @Arg("fails", () => Boolean, { defaultValue: false }) fails: boolean,
    @Ctx() { em }: Context,
  ): Promise<boolean> {
    await em.transactional(async (transaction) => {
      for (const number of numbers) await publish(transaction, "HAPPENED", { room: "hall", number });
      if (fails) throw forbidden();
    });
    return true;
  }

  @Mutation(() => Boolean, { nullable: true, description: "With a transaction of Kysely." })
  async happenByKysely(
    @Arg("numbers", () => [Int]) numbers: number[],
    @Arg("fails", () => Boolean, { defaultValue: false }) fails: boolean,
    @Ctx() { database }: Context,
  ): Promise<boolean> {
    await database.transaction().execute(async (transaction) => {
      for (const number of numbers) await publish(transaction, "HAPPENED", { room: "hall", number });
      if (fails) throw forbidden();
    });
    return true;
  }

  @Mutation(() => Boolean, { nullable: true })
  async announce(@Arg("room", () => String) room: string, @Ctx() context: Context): Promise<boolean> {
    await publish(context, "ANNOUNCED", { room, number: 0 });
    return true;
  }

  @Mutation(() => Boolean, { nullable: true })
  async send(
    @Arg("to", () => ID) to: string,
    @Arg("number", () => Int) number: number,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await publish(context, "SENT", { number }, { id: to });
    return true;
  }

  @Mutation(() => Boolean, { nullable: true })
  async enter(
    @Arg("room", () => ID) room: string,
    @Arg("number", () => Int) number: number,
    @Ctx() context: Context,
  ): Promise<boolean> {
    await publish(context, "ENTERED", { number }, { id: room });
    return true;
  }

  @Mutation(() => Boolean, { nullable: true })
  async publishAs(
    @Arg("kind", () => String) kind: "right" | "ours" | "wrong",
    @Arg("size", () => Int) size: number,
    @Ctx() context: Context,
  ): Promise<boolean> {
    const topic = { right: "LARGE", ours: "graphward_audit", wrong: "TWO WORDS" }[kind];
    await publish(context, topic, { text: "x".repeat(size) });
    return true;
  }

  @Mutation(() => Boolean, { nullable: true, description: "Each forgets the await." })
  async publishAndLeave(
    @Arg("what", () => String) what: keyof typeof unfitPayloads,
    @Ctx() context: Context,
  ): Promise<boolean> {
    void publish(context, "LEFT", unfitPayloads[what] as Record<string, unknown>);
    return true;
  }

  @Mutation(() => Boolean, {
    nullable: true,
    description: "In a transaction that takes no further statement.",
  })
  async publishInVain(@Ctx() { database }: Context): Promise<boolean> {
    await database.transaction().execute(async (transaction) => {
      await sql`select 1 / 0`.execute(transaction).catch(() => undefined);
      void publish(transaction, "LEFT", {});
    });
    return true;
  }

  @Public()
  @Query(() => Int)
  one(): number {
    return 1;
  }
}

export const liveApplication: ServerDefinition = {
  resolvers: [LiveResolver],
  permissions: { "live:watch": "Follow what is watched" },
  context: (): Pick<CountingContext, "counter"> => ({ counter: { count: 0 } }),
};
