import { Writable } from 'node:stream';

/**
 * Sends each message of the language server protocol in one piece: the library writes its header first and its content
 * then, and whoever reads would be woken for a few bytes with which it can begin nothing.
 */
export function wholeMessages(out: Writable): Writable {
  let header: Buffer | undefined;
  const whole = new Writable({
    write(chunk: Buffer, _encoding, done): void {
      if (header === undefined) {
        header = chunk;
        done();
        return;
      }
      out.write(Buffer.concat([header, chunk]), done);
      header = undefined;
    },
  });
  out.on('error', (error) => whole.destroy(error));
  out.on('close', () => whole.destroy());
  return whole;
}
