// Wrapping errors with causes and unwrapping them.
class StepError extends Error {
  constructor(step, cause) {
    super(`step ${step} failed: ${cause.message}`, { cause });
    this.name = 'StepError';
    this.step = step;
  }
}
const steps = [() => 1, () => JSON.parse('{'), () => null.x];
const run = () => {
  for (const [i, f] of steps.entries()) {
    try {
      f();
    } catch (e) {
      if (i === 1) {
        console.log('skipped', new StepError(i, e).message);
        continue;
      }
      throw new StepError(i, e);
    }
  }
};
try {
  try {
    run();
  } catch (e) {
    throw new Error('run failed', { cause: e });
  }
} catch (e) {
  const chain = [];
  for (let x = e; x; x = x.cause) chain.push(`${x.name}(${x.message})`);
  console.log(chain.join(' <- '));
  console.log(e.cause.step, e.cause.cause instanceof TypeError, e.cause instanceof StepError);
}
