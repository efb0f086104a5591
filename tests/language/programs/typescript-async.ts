// TypeScript: async.
type P<T> = Promise<T>; const sleep = async <T,>(v: T): P<T> => { await null; return v; }; async function* g(): AsyncGenerator<number, void, unknown> { yield 1; yield* [2, 3]; } const out: number[] = []; for await (const v of g()) out.push(v as number); console.log(out.join(), await sleep<string>('x'), (await Promise.all<number>([1, 2])).length);
