/** What a program that is running says, piece by piece. */
export type Print = (stream: 'stdout' | 'stderr', piece: Buffer) => void;

/** Runs pieces of work beside each other, and lets them speak one after the other: who is not on waits with what it has said. */
export async function inTurns<Result>(works: readonly ((print: Print) => Promise<Result>)[]): Promise<Result[]> {
  const kept = works.map((): (readonly [Parameters<Print>[0], Buffer])[] => []);
  const ended = new Set<number>();
  let speaker = 0;
  const goOn = (): void => {
    while (ended.has(speaker)) {
      speaker++;
      for (const [stream, piece] of kept[speaker]?.splice(0) ?? []) process[stream].write(piece);
    }
  };
  return Promise.all(
    works.map(async (work, index) => {
      try {
        return await work((stream, piece) => {
          if (index === speaker) process[stream].write(piece);
          else kept[index]?.push([stream, piece]);
        });
      } finally {
        ended.add(index);
        goOn();
      }
    }),
  );
}
