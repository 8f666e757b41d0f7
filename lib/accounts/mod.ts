/**
 * Accounts, keys, sessions, sealing, and the ways to sign in.
 *
 * @module
 */
export { accountDocument } from "./account_document.ts";
export {
  type AccountKey,
  Accounts,
  keyIdOf,
  keysToConfirm,
  SANDBOX_KEY_PREFIX,
  type StoredAccount,
} from "./accounts.ts";
export { AdminAccess } from "./admin.ts";
export {
  loginEndedResponse,
  loginStartedResponse,
  signedOutResponse,
  signInResponse,
  spentCookie,
} from "./responses.ts";
export {
  loginCookieName,
  parkedCookieName,
  readCookie,
  sessionCookieName,
  setCookie,
} from "./cookie.ts";
export { IdleAccounts } from "./idle.ts";
export { Keyring, SealError } from "./keyring.ts";
export { AccountKeys, type KeyQuestion, listKeys } from "./keys.ts";
export { type LoginFailure, type LoginProblem, ParallelLogin } from "./oauth/mod.ts";
export { PARKED_MS, ParkedForms } from "./parked.ts";
export { AccountRemoval } from "./removal.ts";
export { loadSecrets, secretPathOf } from "./secrets.ts";
export { type Account, type Session, type SessionInfo, Sessions } from "./sessions.ts";
export { deviceOf, ownPath, pastedKey, SignIn, type Visitor } from "./sign_in.ts";
export { type SpareKey, SpareKeys } from "./spare_keys.ts";
export { ASK_MS, KeyStandings } from "./standing.ts";
export { WebhookSecrets } from "./webhook_secret.ts";
