import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { StreamMessageReader, type Message } from 'vscode-languageserver/node';
import { StreamWriter } from '../../server/lsp/stream-writer.ts';

const MESSAGES = ['plain', 'naïve — 日本語 🐘', '\ud83d alone'].map((text, id) => ({
  jsonrpc: '2.0',
  id,
  result: text,
}));

test('each message is one write, which a reader takes', async () => {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const read: Message[] = [];
  new StreamMessageReader(stream).listen((message) => read.push(message));
  const writer = new StreamWriter(stream);
  for (const message of MESSAGES) await writer.write(message);
  await expect.poll(() => read).toEqual(MESSAGES);
  expect(chunks).toHaveLength(MESSAGES.length);
});

test('a message that nobody takes is told', async () => {
  const stream = new PassThrough();
  const writer = new StreamWriter(stream);
  const errors: (number | undefined)[] = [];
  writer.onError(([, , count]) => errors.push(count));
  stream.destroy(new Error('gone'));
  await expect(writer.write({ jsonrpc: '2.0' })).rejects.toThrow();
  expect(errors).toContain(1);
});
