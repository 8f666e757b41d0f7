/**
 * A short description of the device that signed in, so that users can tell their sessions apart. Pure.
 */
import Bowser from "bowser";

/** The longest User-Agent that is read, and the longest description (characters). */
const MAX_USER_AGENT = 512;
const MAX_DEVICE = 60;

/** `Firefox on Windows`, `Safari on iPhone`; `null` where the User-Agent says nothing. */
export function deviceOf(userAgent: string | null): string | null {
  // The library throws on an empty one.
  if (!userAgent?.trim()) return null;
  const { browser, os, platform } = Bowser.parse(userAgent.slice(0, MAX_USER_AGENT));
  const where = platform.model ?? os.name;
  const device = [browser.name, where].filter(Boolean).join(" on ");
  return device === "" ? null : device.slice(0, MAX_DEVICE);
}
