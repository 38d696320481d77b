/** Bytes that are no UTF-8 become lone surrogates of this range, one each, as in Python's "surrogateescape". */
const ESCAPE = 0xdc00;
/** The mark of the byte order stays, as it always was. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Longest sequence of UTF-8. */
const MOST_BYTES = 4;

/**
 * Text of a file's bytes. A byte that is no UTF-8 becomes a lone surrogate, which no text of UTF-8 holds, so that whoever
 * reads the text can tell it from a character that was written.
 */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return piecewise(bytes);
  }
}

function piecewise(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceAt(bytes, at);
    text +=
      length === 0 ? String.fromCharCode(ESCAPE + (bytes[at] ?? 0)) : decoder.decode(bytes.subarray(at, at + length));
    at += Math.max(1, length);
  }
  return text;
}

/** Bytes of the character that begins here; 0 where none does. */
function sequenceAt(bytes: Uint8Array, at: number): number {
  if ((bytes[at] ?? 0) < 0x80) return 1;
  for (let length = 2; length <= MOST_BYTES && at + length <= bytes.length; length++) {
    try {
      decoder.decode(bytes.subarray(at, at + length));
      return length;
    } catch {
      // Perhaps with one byte more.
    }
  }
  return 0;
}
