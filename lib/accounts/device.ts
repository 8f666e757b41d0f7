/**
 * What somebody signed in with, in a few words that let them tell their sessions apart. Pure.
 */
import Bowser from "bowser";

/** Longest User-Agent that is looked at, and longest description (characters). */
const MAX_USER_AGENT = 512;
const MAX_DEVICE = 60;

/** `Firefox on Windows`, `Safari on iPhone`; `null` where the User-Agent says nothing. */
export function deviceOf(userAgent: string | null): string | null {
  // An empty one is an error to the library.
  if (!userAgent?.trim()) return null;
  const { browser, os, platform } = Bowser.parse(userAgent.slice(0, MAX_USER_AGENT));
  const where = platform.model ?? os.name;
  const device = [browser.name, where].filter(Boolean).join(" on ");
  return device === "" ? null : device.slice(0, MAX_DEVICE);
}
