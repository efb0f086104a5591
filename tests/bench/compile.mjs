// Compile times through the API (validateScript, so nothing is cached or saved) for scripts of 1, 12 and 50 KB.
//   node tests/bench/compile.mjs [RUNS]
import { median, report, startNode } from './node.mjs';
import { bigScript } from './script.mjs';

const runs = Number(process.argv[2] ?? 5);

const node = await startNode();
try {
  for (const [name, bytes, goal] of [
    ['1 KB', 600, '< 0.2'],
    ['12 KB', 11_500, undefined],
    ['50 KB', 49_500, '< 5'],
  ]) {
    const script = bigScript(bytes);
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
