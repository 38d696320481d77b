/** Text with every occurrence of the given secrets replaced by `***`; empty secrets are ignored. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let result = text;
  // The longest first, so that a part of one does not keep the rest of it.
  for (const secret of secrets.toSorted((left, right) => right.length - left.length))
    if (secret !== '') result = result.replaceAll(secret, '***');
  return result;
}

/** What looks like a connection URL of a server, up to where a text around it goes on. */
const URLS = /\b(?!lockstep|https?:|file:|vscode)[a-z][a-z0-9+.-]*:\/\/[^\s"'`<>]*/gi;
/** What looks like a password in a connection string. */
const PASSWORDS = /\b(password|passwd|pwd|sslpassword)(\s*=\s*)(?:'(?:[^'\\]|\\.)*'|"[^"]*"|[^\s;&"']+)/gi;

/**
 * Text for a log or for standard error without what looks like a connection URL or a password: the last net, behind those
 * that let none come this far.
 */
export function withoutCredentials(text: string): string {
  return text
    .replaceAll(URLS, (url) => (url.includes('@') || /[?&]\w*password=/i.test(url) ? '<redacted>' : url))
    .replaceAll(PASSWORDS, '$1$2<redacted>');
}

/** Longest text of somebody else's that a message repeats. */
const MOST_REPEATED = 100;

/**
 * A text that somebody wrote where it is wrong, as a message may repeat it: in quotes, or `what` where it may be a
 * connection string in the wrong place.
 */
export function repeated(text: string, what = 'what stands here'): string {
  const isHarmless = text.length <= MOST_REPEATED && !/:\/\/|@|;|\w\s*=|\p{Cc}/u.test(text);
  return isHarmless ? `"${text}"` : what;
}
