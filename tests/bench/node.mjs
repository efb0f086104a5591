// What the benchmarks share: a release node to measure, and figures printed one a line.
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Amid, ROOT } from '../integration/harness.js';

export const RELEASE_BIN = path.join(ROOT, 'build/bin');

export function startNode(env = {}) {
  return Amid.start({ bin: RELEASE_BIN, debug: false, env: { AMID_LOG_LEVEL: 'info', ...env } });
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export function percentile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** `name: value unit (goal …)`, the line that docs/performance.md quotes. */
export function report(name, value, unit, goal) {
  const text = typeof value === 'number' ? value.toFixed(value < 10 ? 2 : 1) : value;
  console.log(`${name}: ${text} ${unit}${goal === undefined ? '' : ` (goal ${goal})`}`);
}

/** KiB of a process, from smaps_rollup; null if it has gone. */
export function memoryOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const field = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)[1]);
    return { privateKib: field('Private_Dirty') + field('Private_Clean'), pssKib: field('Pss') };
  } catch {
    return null;
  }
}

/** Long enough for a node to have made its next spare: what a start finds where they do not come in a row. */
export function rest() {
  return new Promise((resolve) => setTimeout(resolve, 100));
}

/** Polls until the condition holds; a benchmark's deadline is long, its result is never a verdict. */
export async function until(condition, limitMs = 120_000) {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`gave up waiting: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
