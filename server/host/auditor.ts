import { hostname, userInfo } from 'node:os';

/** Who works on this machine: `ann@build7`. A user that the machine has no name for is known by its number. */
export function whoWorksHere(): string {
  let user: string;
  try {
    user = userInfo().username;
  } catch {
    user = `user ${process.getuid?.() ?? 'unknown'}`;
  }
  return `${user}@${hostname()}`;
}
