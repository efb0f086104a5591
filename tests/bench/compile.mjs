// Compile times through the API (validateScript, so nothing is cached or saved) for scripts of 1, 12 and 50 KB.
//   node tests/bench/compile.mjs [RUNS]
import { median, report, startNode } from './node.mjs';

const runs = Number(process.argv[2] ?? 5);

const SECTION = (i) => `
class Book${i} extends Map {
  #depth = ${i};
  static label = 'book-${i}';
  get depth() { return this.#depth; }
  add([price, size] = [0, 1], { side = 'buy', ...rest } = {}) {
    this.set(\`\${side}:\${price}\`, { size, ...rest });
    return this.#depth?.toFixed(2) ?? 'none';
  }
}
async function scan${i}(symbols, limit = 10) {
  const found = [];
  for (const [index, symbol] of symbols.entries()) {
    if (index >= limit) break;
    try {
      const ticker = await Stels.net.get(['ticker', symbol]);
      const { last = 0, volume } = ticker.value?.raw ?? {};
      found.push({ symbol, last, volume, at: Date.now() });
    } catch (error) {
      logger.warn(\`scan ${i} failed for \${symbol}\`, error);
    } finally {
      await Stels.sleep(1);
    }
  }
  return found.filter(({ last }) => last > ${i}).map((row) => ({ ...row, label: Book${i}.label }));
}
`;

function scriptOf(bytes) {
  let text = '';
  for (let i = 0; text.length < bytes; i++) text += SECTION(i);
  return text;
}

const node = await startNode();
try {
  for (const [name, bytes, goal] of [
    ['1 KB', 600, '< 0.2'],
    ['12 KB', 11_500, undefined],
    ['50 KB', 49_500, '< 5'],
  ]) {
    const script = scriptOf(bytes);
    const times = [];
    for (let i = 0; i < runs; i++) {
      const begun = performance.now();
      const answer = await node.call('validateScript', { scriptContent: `// run ${i}\n${script}` });
      times.push((performance.now() - begun) / 1000);
      if (answer.status !== 200) throw new Error(answer.text);
    }
    report(
      `compile of a script of ${name} (${script.length} bytes), median`,
      median(times),
      's',
      goal,
    );
  }
} finally {
  await node.stop();
}
