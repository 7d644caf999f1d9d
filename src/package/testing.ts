// `graphward/testing`: the server of an application in a test, with users, clients, mail and the passing of time.
import "reflect-metadata";

export type { AnsweredError } from "../testing/answered-error.ts";
export type { Answer, Client, Login, LoginMode } from "../testing/client.ts";
export type { Followed, FollowedEvent } from "../testing/followed.ts";
export type { Mailbox, Message } from "../testing/mailbox.ts";
export type { WhatAges } from "../testing/passing-time.ts";
export { startTestServer, type TestServer, type TestServerOptions } from "../testing/server.ts";
export type { NewUser, TestUser } from "../testing/users.ts";
