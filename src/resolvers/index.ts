// All resolvers. Add yours to the list: its fields are private unless marked @Public().
import type { NonEmptyArray } from "type-graphql";
import type { Class } from "../auth/access/rules.ts";
import { AccessTokenResolver } from "./access-token.ts";
import { AdministrationResolver } from "./administration/administration.ts";
import { AuditResolver } from "./administration/audit.ts";
import { ImpersonationResolver } from "./administration/impersonation.ts";
import { UsersResolver } from "./administration/users.ts";
import { DeviceResolver } from "./device.ts";
import { EmailChangeResolver } from "./email-change.ts";
import { LeakedTokenResolver } from "./leaked-token.ts";
import { LeavingResolver } from "./leaving.ts";
import { MessageResolver } from "./messages.ts";
import { NewDeviceMailResolver } from "./new-device-mail.ts";
import { NodeResolver } from "./node.ts";
import { PasswordResolver } from "./password.ts";
import { ProfileResolver } from "./profile.ts";
import { RegistrationResolver } from "./registration.ts";
import { SessionResolver } from "./session.ts";
import { LoginMethodsResolver } from "./sign-in/login-methods.ts";
import { PasskeyResolver } from "./sign-in/passkeys.ts";
import { ReauthenticationResolver } from "./sign-in/reauthentication.ts";
import { SecondFactorsResolver } from "./sign-in/second-factors.ts";
import { SecondStepResolver } from "./sign-in/second-step.ts";
import { TotpResolver } from "./sign-in/totp.ts";
import { TrustedBrowserResolver } from "./sign-in/trusted-browsers.ts";
import { UserResolver } from "./user.ts";
import { UsernameResolver } from "./username.ts";
import { ViewerResolver } from "./viewer.ts";

export const resolvers: NonEmptyArray<Class> = [
  AccessTokenResolver,
  AdministrationResolver,
  AuditResolver,
  DeviceResolver,
  EmailChangeResolver,
  ImpersonationResolver,
  LeakedTokenResolver,
  LeavingResolver,
  LoginMethodsResolver,
  MessageResolver,
  NewDeviceMailResolver,
  NodeResolver,
  PasskeyResolver,
  PasswordResolver,
  ProfileResolver,
  ReauthenticationResolver,
  RegistrationResolver,
  SecondFactorsResolver,
  SecondStepResolver,
  SessionResolver,
  TotpResolver,
  TrustedBrowserResolver,
  UserResolver,
  UsersResolver,
  UsernameResolver,
  ViewerResolver,
];
