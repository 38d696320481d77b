import { PassThrough, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { StreamMessageReader, StreamMessageWriter, type Message } from 'vscode-languageserver/node';
import { wholeMessages } from '../../server/host/whole-messages.ts';

test('each message of the protocol goes out in one piece, and is read as it was sent', async () => {
  const pieces: string[] = [];
  const wire = new PassThrough();
  const out = new Writable({
    write(chunk: Buffer, _encoding, done): void {
      pieces.push(chunk.toString());
      wire.write(chunk, done);
    },
  });
  const read: Message[] = [];
  new StreamMessageReader(wire).listen((message) => read.push(message));
  const writer = new StreamMessageWriter(wholeMessages(out));
  const sent = ['a', 'ü → b', ''].map((method) => ({ jsonrpc: '2.0', method, params: [method] }));
  await Promise.all(sent.map((message) => writer.write(message)));
  await setImmediate();
  expect(pieces).toEqual(
    sent.map((message) => {
      const content = JSON.stringify(message);
      return `Content-Length: ${Buffer.byteLength(content)}\r\n\r\n${content}`;
    }),
  );
  expect(read).toEqual(sent);
});

test('whoever writes hears that the other side is gone', async () => {
  const out = new PassThrough();
  const writer = new StreamMessageWriter(wholeMessages(out));
  const errors: string[] = [];
  writer.onError(([error]) => errors.push(error.message));
  let isClosed = false;
  writer.onClose(() => (isClosed = true));
  out.destroy(new Error('broken pipe'));
  await setImmediate();
  expect(errors).toEqual(['broken pipe']);
  expect(isClosed).toBe(true);
});
