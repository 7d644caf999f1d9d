/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "query AccessTokens {\n  accessTokens {\n    id\n    name\n    hint\n    scopes\n    expiresAt\n    lastUsedAt\n    createdAt\n  }\n}\n\nmutation CreateAccessToken($input: CreateAccessTokenInput!) {\n  createAccessToken(input: $input) {\n    token\n    accessToken {\n      id\n      name\n      hint\n      scopes\n      expiresAt\n      lastUsedAt\n      createdAt\n    }\n  }\n}\n\nmutation RevokeAccessToken($id: ID!) {\n  revokeAccessToken(id: $id) {\n    message\n  }\n}": typeof types.AccessTokensDocument,
    "mutation LogIn($username: String!, $password: String!, $mode: LoginMode! = SESSION_AND_TOKEN) {\n  login(username: $username, password: $password, mode: $mode) {\n    token\n    userId\n    email\n    expiresAt\n    user {\n      id\n      username\n      email\n      roles\n      createdAt\n      lastLoginAt\n    }\n  }\n}\n\nmutation LogOut {\n  logout {\n    message\n  }\n}\n\nquery Public {\n  public {\n    message\n  }\n}\n\nquery Private {\n  private {\n    message\n  }\n}\n\nquery Viewer {\n  viewer {\n    id\n    username\n    lastLoginAt\n  }\n}\n\nquery Sessions {\n  sessions {\n    id\n    createdAt\n    lastUsedAt\n    expiresAt\n    current\n    userAgent\n    ipAddress\n    hasCookie\n    hasToken\n  }\n}\n\nmutation Register($input: RegisterInput!) {\n  register(input: $input) {\n    message\n  }\n}\n\nmutation VerifyEmail($token: String!, $password: String) {\n  verifyEmail(token: $token, password: $password) {\n    message\n  }\n}\n\nmutation ResendVerification {\n  resendVerification {\n    message\n  }\n}\n\nmutation RequestPasswordReset($email: String!) {\n  requestPasswordReset(email: $email) {\n    message\n  }\n}\n\nmutation ResetPassword($token: String!, $newPassword: String!) {\n  resetPassword(token: $token, newPassword: $newPassword) {\n    message\n  }\n}\n\nmutation Reauthenticate($password: String!) {\n  reauthenticate(password: $password) {\n    message\n    token\n    expiresAt\n  }\n}\n\nmutation ChangePassword($currentPassword: String!, $newPassword: String!) {\n  changePassword(currentPassword: $currentPassword, newPassword: $newPassword) {\n    message\n    token\n    expiresAt\n  }\n}": typeof types.LogInDocument,
    "query AuditEvents($first: Int, $after: String, $userId: ID, $type: AuditEventType) {\n  auditEvents(first: $first, after: $after, userId: $userId, type: $type) {\n    edges {\n      cursor\n    }\n    nodes {\n      id\n      at\n      type\n      userId\n      actorId\n      sessionId\n      ipAddress\n      userAgent\n      details\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}": typeof types.AuditEventsDocument,
    "mutation ReportLeakedToken($token: String!) {\n  reportLeakedToken(token: $token) {\n    message\n  }\n}": typeof types.ReportLeakedTokenDocument,
    "mutation DeleteAccount {\n  deleteAccount {\n    message\n  }\n}\n\nquery ExportMyData {\n  exportMyData {\n    data\n  }\n}": typeof types.DeleteAccountDocument,
    "query Permissions {\n  viewer {\n    roles\n    permissions\n  }\n}\n\nmutation LogInForPermissions($username: String!, $password: String!) {\n  login(username: $username, password: $password, mode: TOKEN) {\n    user {\n      permissions\n    }\n  }\n}": typeof types.PermissionsDocument,
    "query EmailVerified {\n  viewer {\n    username\n    email\n    emailVerified\n  }\n}": typeof types.EmailVerifiedDocument,
};
const documents: Documents = {
    "query AccessTokens {\n  accessTokens {\n    id\n    name\n    hint\n    scopes\n    expiresAt\n    lastUsedAt\n    createdAt\n  }\n}\n\nmutation CreateAccessToken($input: CreateAccessTokenInput!) {\n  createAccessToken(input: $input) {\n    token\n    accessToken {\n      id\n      name\n      hint\n      scopes\n      expiresAt\n      lastUsedAt\n      createdAt\n    }\n  }\n}\n\nmutation RevokeAccessToken($id: ID!) {\n  revokeAccessToken(id: $id) {\n    message\n  }\n}": types.AccessTokensDocument,
    "mutation LogIn($username: String!, $password: String!, $mode: LoginMode! = SESSION_AND_TOKEN) {\n  login(username: $username, password: $password, mode: $mode) {\n    token\n    userId\n    email\n    expiresAt\n    user {\n      id\n      username\n      email\n      roles\n      createdAt\n      lastLoginAt\n    }\n  }\n}\n\nmutation LogOut {\n  logout {\n    message\n  }\n}\n\nquery Public {\n  public {\n    message\n  }\n}\n\nquery Private {\n  private {\n    message\n  }\n}\n\nquery Viewer {\n  viewer {\n    id\n    username\n    lastLoginAt\n  }\n}\n\nquery Sessions {\n  sessions {\n    id\n    createdAt\n    lastUsedAt\n    expiresAt\n    current\n    userAgent\n    ipAddress\n    hasCookie\n    hasToken\n  }\n}\n\nmutation Register($input: RegisterInput!) {\n  register(input: $input) {\n    message\n  }\n}\n\nmutation VerifyEmail($token: String!, $password: String) {\n  verifyEmail(token: $token, password: $password) {\n    message\n  }\n}\n\nmutation ResendVerification {\n  resendVerification {\n    message\n  }\n}\n\nmutation RequestPasswordReset($email: String!) {\n  requestPasswordReset(email: $email) {\n    message\n  }\n}\n\nmutation ResetPassword($token: String!, $newPassword: String!) {\n  resetPassword(token: $token, newPassword: $newPassword) {\n    message\n  }\n}\n\nmutation Reauthenticate($password: String!) {\n  reauthenticate(password: $password) {\n    message\n    token\n    expiresAt\n  }\n}\n\nmutation ChangePassword($currentPassword: String!, $newPassword: String!) {\n  changePassword(currentPassword: $currentPassword, newPassword: $newPassword) {\n    message\n    token\n    expiresAt\n  }\n}": types.LogInDocument,
    "query AuditEvents($first: Int, $after: String, $userId: ID, $type: AuditEventType) {\n  auditEvents(first: $first, after: $after, userId: $userId, type: $type) {\n    edges {\n      cursor\n    }\n    nodes {\n      id\n      at\n      type\n      userId\n      actorId\n      sessionId\n      ipAddress\n      userAgent\n      details\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}": types.AuditEventsDocument,
    "mutation ReportLeakedToken($token: String!) {\n  reportLeakedToken(token: $token) {\n    message\n  }\n}": types.ReportLeakedTokenDocument,
    "mutation DeleteAccount {\n  deleteAccount {\n    message\n  }\n}\n\nquery ExportMyData {\n  exportMyData {\n    data\n  }\n}": types.DeleteAccountDocument,
    "query Permissions {\n  viewer {\n    roles\n    permissions\n  }\n}\n\nmutation LogInForPermissions($username: String!, $password: String!) {\n  login(username: $username, password: $password, mode: TOKEN) {\n    user {\n      permissions\n    }\n  }\n}": types.PermissionsDocument,
    "query EmailVerified {\n  viewer {\n    username\n    email\n    emailVerified\n  }\n}": types.EmailVerifiedDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query AccessTokens {\n  accessTokens {\n    id\n    name\n    hint\n    scopes\n    expiresAt\n    lastUsedAt\n    createdAt\n  }\n}\n\nmutation CreateAccessToken($input: CreateAccessTokenInput!) {\n  createAccessToken(input: $input) {\n    token\n    accessToken {\n      id\n      name\n      hint\n      scopes\n      expiresAt\n      lastUsedAt\n      createdAt\n    }\n  }\n}\n\nmutation RevokeAccessToken($id: ID!) {\n  revokeAccessToken(id: $id) {\n    message\n  }\n}"): (typeof documents)["query AccessTokens {\n  accessTokens {\n    id\n    name\n    hint\n    scopes\n    expiresAt\n    lastUsedAt\n    createdAt\n  }\n}\n\nmutation CreateAccessToken($input: CreateAccessTokenInput!) {\n  createAccessToken(input: $input) {\n    token\n    accessToken {\n      id\n      name\n      hint\n      scopes\n      expiresAt\n      lastUsedAt\n      createdAt\n    }\n  }\n}\n\nmutation RevokeAccessToken($id: ID!) {\n  revokeAccessToken(id: $id) {\n    message\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation LogIn($username: String!, $password: String!, $mode: LoginMode! = SESSION_AND_TOKEN) {\n  login(username: $username, password: $password, mode: $mode) {\n    token\n    userId\n    email\n    expiresAt\n    user {\n      id\n      username\n      email\n      roles\n      createdAt\n      lastLoginAt\n    }\n  }\n}\n\nmutation LogOut {\n  logout {\n    message\n  }\n}\n\nquery Public {\n  public {\n    message\n  }\n}\n\nquery Private {\n  private {\n    message\n  }\n}\n\nquery Viewer {\n  viewer {\n    id\n    username\n    lastLoginAt\n  }\n}\n\nquery Sessions {\n  sessions {\n    id\n    createdAt\n    lastUsedAt\n    expiresAt\n    current\n    userAgent\n    ipAddress\n    hasCookie\n    hasToken\n  }\n}\n\nmutation Register($input: RegisterInput!) {\n  register(input: $input) {\n    message\n  }\n}\n\nmutation VerifyEmail($token: String!, $password: String) {\n  verifyEmail(token: $token, password: $password) {\n    message\n  }\n}\n\nmutation ResendVerification {\n  resendVerification {\n    message\n  }\n}\n\nmutation RequestPasswordReset($email: String!) {\n  requestPasswordReset(email: $email) {\n    message\n  }\n}\n\nmutation ResetPassword($token: String!, $newPassword: String!) {\n  resetPassword(token: $token, newPassword: $newPassword) {\n    message\n  }\n}\n\nmutation Reauthenticate($password: String!) {\n  reauthenticate(password: $password) {\n    message\n    token\n    expiresAt\n  }\n}\n\nmutation ChangePassword($currentPassword: String!, $newPassword: String!) {\n  changePassword(currentPassword: $currentPassword, newPassword: $newPassword) {\n    message\n    token\n    expiresAt\n  }\n}"): (typeof documents)["mutation LogIn($username: String!, $password: String!, $mode: LoginMode! = SESSION_AND_TOKEN) {\n  login(username: $username, password: $password, mode: $mode) {\n    token\n    userId\n    email\n    expiresAt\n    user {\n      id\n      username\n      email\n      roles\n      createdAt\n      lastLoginAt\n    }\n  }\n}\n\nmutation LogOut {\n  logout {\n    message\n  }\n}\n\nquery Public {\n  public {\n    message\n  }\n}\n\nquery Private {\n  private {\n    message\n  }\n}\n\nquery Viewer {\n  viewer {\n    id\n    username\n    lastLoginAt\n  }\n}\n\nquery Sessions {\n  sessions {\n    id\n    createdAt\n    lastUsedAt\n    expiresAt\n    current\n    userAgent\n    ipAddress\n    hasCookie\n    hasToken\n  }\n}\n\nmutation Register($input: RegisterInput!) {\n  register(input: $input) {\n    message\n  }\n}\n\nmutation VerifyEmail($token: String!, $password: String) {\n  verifyEmail(token: $token, password: $password) {\n    message\n  }\n}\n\nmutation ResendVerification {\n  resendVerification {\n    message\n  }\n}\n\nmutation RequestPasswordReset($email: String!) {\n  requestPasswordReset(email: $email) {\n    message\n  }\n}\n\nmutation ResetPassword($token: String!, $newPassword: String!) {\n  resetPassword(token: $token, newPassword: $newPassword) {\n    message\n  }\n}\n\nmutation Reauthenticate($password: String!) {\n  reauthenticate(password: $password) {\n    message\n    token\n    expiresAt\n  }\n}\n\nmutation ChangePassword($currentPassword: String!, $newPassword: String!) {\n  changePassword(currentPassword: $currentPassword, newPassword: $newPassword) {\n    message\n    token\n    expiresAt\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query AuditEvents($first: Int, $after: String, $userId: ID, $type: AuditEventType) {\n  auditEvents(first: $first, after: $after, userId: $userId, type: $type) {\n    edges {\n      cursor\n    }\n    nodes {\n      id\n      at\n      type\n      userId\n      actorId\n      sessionId\n      ipAddress\n      userAgent\n      details\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}"): (typeof documents)["query AuditEvents($first: Int, $after: String, $userId: ID, $type: AuditEventType) {\n  auditEvents(first: $first, after: $after, userId: $userId, type: $type) {\n    edges {\n      cursor\n    }\n    nodes {\n      id\n      at\n      type\n      userId\n      actorId\n      sessionId\n      ipAddress\n      userAgent\n      details\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation ReportLeakedToken($token: String!) {\n  reportLeakedToken(token: $token) {\n    message\n  }\n}"): (typeof documents)["mutation ReportLeakedToken($token: String!) {\n  reportLeakedToken(token: $token) {\n    message\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation DeleteAccount {\n  deleteAccount {\n    message\n  }\n}\n\nquery ExportMyData {\n  exportMyData {\n    data\n  }\n}"): (typeof documents)["mutation DeleteAccount {\n  deleteAccount {\n    message\n  }\n}\n\nquery ExportMyData {\n  exportMyData {\n    data\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Permissions {\n  viewer {\n    roles\n    permissions\n  }\n}\n\nmutation LogInForPermissions($username: String!, $password: String!) {\n  login(username: $username, password: $password, mode: TOKEN) {\n    user {\n      permissions\n    }\n  }\n}"): (typeof documents)["query Permissions {\n  viewer {\n    roles\n    permissions\n  }\n}\n\nmutation LogInForPermissions($username: String!, $password: String!) {\n  login(username: $username, password: $password, mode: TOKEN) {\n    user {\n      permissions\n    }\n  }\n}"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query EmailVerified {\n  viewer {\n    username\n    email\n    emailVerified\n  }\n}"): (typeof documents)["query EmailVerified {\n  viewer {\n    username\n    email\n    emailVerified\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;