// TypeScript: satisfies.
const conf = { port: 80, host: 'x' } satisfies Record<string, unknown>; const keys = Object.keys(conf) as (keyof typeof conf)[]; console.log(keys.join(), conf.port satisfies number, conf.host);
