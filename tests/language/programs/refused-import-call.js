console.log(typeof import('node:fs').then);
