/**
 * A connection URL without its password, user and query values, for people to read.
 *
 * The only way in which a URL reaches a log, a message or a file. Text that is not a URL is returned as `<redacted>`.
 */
export function redact(url: string): string {
  if (/^(sqlite3?|file):/i.test(url)) return url.replace(/\?.*$/s, '');
  try {
    const parsed = new URL(url);
    const port = parsed.port === '' ? '' : `:${parsed.port}`;
    return `${parsed.protocol}//${parsed.hostname}${port}${parsed.pathname}`;
  } catch {
    // An unparsable URL may hold a password anywhere, so nothing of it is shown.
    return '<redacted>';
  }
}

/** Text with every occurrence of the given secrets replaced by `***`; empty secrets are ignored. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let result = text;
  for (const secret of secrets) if (secret !== '') result = result.replaceAll(secret, '***');
  return result;
}
